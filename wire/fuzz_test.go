package wire_test

import (
	"bytes"
	"testing"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/wire"
)

// Whatever stands on the log as the data of an event is read and written again as it was, or is an error: it never stops the reader.
func FuzzDecodeEvent(f *testing.F) {
	for _, maker := range domain.Events {
		event := maker()
		full(event)
		kind, version, data, err := wire.EncodeEvent(event)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(kind, version, data)
		f.Add(kind, 1, []byte(`{}`))
	}
	f.Fuzz(func(t *testing.T, kind string, version int, data []byte) {
		event, err := wire.DecodeEvent(kind, version, data)
		if err != nil {
			return
		}
		kindAgain, versionAgain, first, err := wire.EncodeEvent(event)
		if err != nil {
			t.Fatalf("%s cannot be written again: %v", data, err)
		}
		event, err = wire.DecodeEvent(kindAgain, versionAgain, first)
		if err != nil { // what a forger left out, such as a day, no writer writes: verification judges it
			return
		}
		if _, _, second, err := wire.EncodeEvent(event); err != nil || !bytes.Equal(first, second) {
			t.Errorf("%s becomes %s: %v", first, second, err)
		}
	})
}

func FuzzDecodeRefused(f *testing.F) {
	f.Add([]byte(`{"refusal":{"code":"cap_exceeded","rule":"R3","figures":{"cap":"1.00"}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := wire.DecodeRefused(data)
		if err != nil {
			return
		}
		r.Refusal.Message()
		first, err := wire.EncodeRefused(r)
		if err != nil {
			t.Fatalf("%s cannot be written again: %v", data, err)
		}
		again, err := wire.DecodeRefused(first)
		if err != nil {
			t.Fatalf("%s cannot be read again: %v", first, err)
		}
		if second, err := wire.EncodeRefused(again); err != nil || !bytes.Equal(first, second) {
			t.Errorf("%s becomes %s: %v", first, second, err)
		}
	})
}
