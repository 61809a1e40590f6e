package archive

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
	"github.com/nats-io/nats.go"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/internal/scribe"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/proof"
)

// logServer is a real server of a test, without a listener.
func logServer(t *testing.T) *nats.Conn {
	t.Helper()
	none := ""
	s, err := eventstore.StartServer(eventstore.ServerConfig{Dir: t.TempDir(), Listen: &none, SyncLater: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Shutdown)
	nc, err := s.Connect()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	return nc
}

// ledgerToBackUp is a small ledger with two checkpoints and a refusal, on a real server.
func ledgerToBackUp(t *testing.T) (BackupSource, *ledger.Ledger) {
	t.Helper()
	ctx, p := t.Context(), scribe.Changning(t)
	cfg := ledger.Config{Fund: p.Fund, Now: func() time.Time { return scribe.Day("2025-06-01").Time(domain.Shanghai).Add(9 * time.Hour) }}
	nc := logServer(t)
	l, err := ledger.Open(ctx, nc, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	refusals, err := ledger.OpenRefusals(ctx, nc, cfg, true)
	if err != nil {
		t.Fatal(err)
	}
	key, _, err := proof.OpenKey(filepath.Join(t.TempDir(), keyFile), proof.Origin(p.Fund))
	if err != nil {
		t.Fatal(err)
	}
	from := BackupSource{Fund: p.Fund, Log: l.Log(), Refusals: refusals, Store: proof.Folder(t.TempDir()), Keys: []string{key.Verifier}, Sign: &key, Now: time.Now()}
	give(t, l, scribe.Publish(p))
	for i := range 5 {
		give(t, l, registration(fmt.Sprint("E", i), i))
		if i == 1 || i == 3 {
			keepCheckpoint(t, from, key)
		}
	}
	if r := give(t, l, registration("again", 1)); r.Refusal == nil {
		t.Fatal("an enterprise was registered twice")
	}
	return from, l
}

func registration(id string, n int) domain.Command {
	return &domain.RegisterEnterprise{Head: domain.Head{ID: domain.CommandID(id), Date: scribe.Day("2025-03-01"), Actor: domain.Actor{ID: "clerk", Role: domain.Clerk, Department: "commerce"}},
		Enterprise: creditCode(n), Title: "企业", Industry: "ai"}
}

// creditCode is the n-th of valid credit codes.
func creditCode(n int) domain.EnterpriseID {
	for i := 0; ; i++ {
		first := fmt.Sprintf("9144030019220%04d", i)
		if check, ok := domain.CreditCodeCheck(first); ok && n == 0 {
			return domain.EnterpriseID(first + string(check))
		} else if ok {
			n--
		}
	}
}

func give(t *testing.T, l *ledger.Ledger, c domain.Command) ledger.Result {
	t.Helper()
	r := l.Do(t.Context(), ledger.Order{Command: c})
	if r.Err != nil {
		t.Fatal(r.Err)
	}
	return r
}

func keepCheckpoint(t *testing.T, from BackupSource, key proof.Key) {
	t.Helper()
	tree, err := proof.TreeOf(t.Context(), from.Log)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := key.Signer()
	if err != nil {
		t.Fatal(err)
	}
	note, err := proof.Checkpoint{Origin: proof.Origin(from.Fund), Size: uint64(tree.Size()), Root: tree.Root()}.Sign(signer)
	if err != nil {
		t.Fatal(err)
	}
	if err := from.Store.Keep(t.Context(), uint64(tree.Size()), note); err != nil {
		t.Fatal(err)
	}
}

func backUp(t *testing.T, from BackupSource) (string, BackupManifest) {
	t.Helper()
	var text bytes.Buffer
	m, err := WriteBackup(t.Context(), &text, from)
	if err != nil {
		t.Fatal(err)
	}
	return fileOf(t, text.Bytes()), m
}

func fileOf(t *testing.T, text []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ledger.backup")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func recordsOf(t *testing.T, l *eventstore.Log) (list []eventstore.Record) {
	t.Helper()
	last, err := l.Last(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Read(t.Context(), 1, last, func(some []eventstore.Record) error { list = append(list, some...); return nil }); err != nil {
		t.Fatal(err)
	}
	return list
}

func TestABackupHoldsTheLedgerAndNothingElse(t *testing.T) {
	from, l := ledgerToBackUp(t)
	path, m := backUp(t, from)
	if m.Events.Last != 6 || m.Refusals.Last != 1 || m.Checkpoints != 3 || m.Checkpoint == "" {
		t.Fatalf("%+v", m)
	}
	if sizes, err := from.Store.Sizes(t.Context()); err != nil || !slices.Equal(sizes, []uint64{3, 5, 6}) {
		t.Errorf("checkpoints of %v are kept: %v", sizes, err)
	}
	give(t, l, registration("E1", 1)) // repeated: nothing is written
	b, err := OpenBackup(t.Context(), path, from.Keys, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	if !sameBackup(b.Manifest, m) || len(b.Notes()) != 3 || !b.Signs(from.Keys[0]) || b.Private != nil {
		t.Errorf("%+v was read of %+v", b.Manifest, m)
	}
	nc := logServer(t)
	restore := func(stream string, subjects []string, last uint64, hand func(context.Context, func(io.Reader) error) error) *eventstore.Log {
		cfg := eventstore.Config{Stream: stream, Subjects: subjects}
		if err := hand(t.Context(), func(in io.Reader) error { return eventstore.RestoreArchive(t.Context(), nc, cfg, 1, last, in) }); err != nil {
			t.Fatal(err)
		}
		log, err := eventstore.Open(t.Context(), nc, cfg)
		if err != nil {
			t.Fatal(err)
		}
		return log
	}
	log := restore(ledger.StreamName(from.Fund), ledger.SubjectsOf(from.Fund), m.Events.Last, b.Events)
	refusals := restore(ledger.RefusedStream(from.Fund), ledger.RefusedSubjects(from.Fund), m.Refusals.Last, b.Refusals)
	if err := errors.Join(b.Hold(t.Context(), log, nil), b.HoldRefusals(t.Context(), refusals)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(recordsOf(t, from.Log), recordsOf(t, log)) + cmp.Diff(recordsOf(t, from.Refusals), recordsOf(t, refusals)); diff != "" {
		t.Errorf("what was restored is not what was backed up:\n%s", diff)
	}
	if err := b.Hold(t.Context(), eventstore.Records(recordsOf(t, log)[:5]), nil); !errors.Is(err, eventstore.ErrNotFound) {
		t.Errorf("a log that is too short holds: %v", err)
	}
	changed := scribe.Copied(recordsOf(t, log))
	changed[2].Time = changed[2].Time.Add(1)
	if err := b.Hold(t.Context(), changed, nil); !errors.Is(err, proof.ErrForked) {
		t.Errorf("a log of another nanosecond holds: %v", err)
	}
}

// entry is one of a backup's file, as a test changes it.
type entry struct {
	tar.Header
	text []byte
}

func unpacked(t *testing.T, path string) (list []entry) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	z, err := zstd.NewReader(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	in := tar.NewReader(z)
	for {
		h, err := in.Next()
		if errors.Is(err, io.EOF) {
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, entry{*backupHeader(h.Name, h.Size), text})
	}
}

func packed(t *testing.T, list []entry) []byte {
	t.Helper()
	var text bytes.Buffer
	z, err := backupZstd(&text)
	if err != nil {
		t.Fatal(err)
	}
	out := tar.NewWriter(z)
	for _, e := range list {
		if e.Typeflag == tar.TypeReg {
			e.Size = int64(len(e.text))
		}
		if err := out.WriteHeader(&e.Header); err != nil {
			t.Fatal(err)
		}
		if _, err := out.Write(e.text); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(out.Close(), z.Close()); err != nil {
		t.Fatal(err)
	}
	return text.Bytes()
}

// sealed makes the manifest say of each part what it is: such as somebody does who means harm, and knows the format.
func sealed(t *testing.T, list []entry, change func(*BackupManifest)) []entry {
	t.Helper()
	var m BackupManifest
	end := len(list) - 1
	if err := json.Unmarshal(list[end].text, &m); err != nil {
		t.Fatal(err)
	}
	m.Parts = nil
	for _, e := range list[:end] {
		sum := sha256.Sum256(e.text)
		m.Parts = append(m.Parts, BackupPart{strings.TrimSuffix(e.Name, "/00000001"), int64(len(e.text)), hex.EncodeToString(sum[:])})
	}
	if change != nil {
		change(&m)
	}
	text, err := m.text()
	if err != nil {
		t.Fatal(err)
	}
	list = slices.Clone(list)
	list[end].text = text
	return list
}

func TestABackupThatWasChangedIsRefused(t *testing.T) {
	from, _ := ledgerToBackUp(t)
	from.Private = map[string]string{keyFile: "secret"}
	path, _ := backUp(t, from)
	whole := unpacked(t, path)
	place := map[string]int{}
	for i, e := range whole {
		place[e.Name] = i
	}
	notes, refusals, events, private, manifest := place["checkpoints/00000001"], place["refusals/00000001"], place["events/00000001"], place["private/00000001"], place[backupManifest]
	with := func(change func(list []entry) []entry) []entry {
		list := slices.Clone(whole)
		for i := range list {
			list[i].text = bytes.Clone(list[i].text)
		}
		return change(list)
	}
	flip := func(part, at int) []entry {
		return with(func(l []entry) []entry { l[part].text[(at+len(l[part].text))%len(l[part].text)] ^= 1; return l })
	}
	replace := func(part int, old, new string) []entry {
		return with(func(l []entry) []entry {
			if !bytes.Contains(l[part].text, []byte(old)) {
				t.Fatalf("%s has no %q", l[part].Name, old)
			}
			l[part].text = bytes.Replace(l[part].text, []byte(old), []byte(new), 1)
			return l
		})
	}
	without := func(part int) []entry { return with(func(l []entry) []entry { return slices.Delete(l, part, part+1) }) }
	more := func(at int, e entry) []entry { return with(func(l []entry) []entry { return slices.Insert(l, at, e) }) }
	file := func(name, text string) entry {
		return entry{*backupHeader(name, 0), []byte(text)}
	}
	tests := map[string]struct {
		list []entry
		err  error
	}{
		"a checkpoint is changed":      {flip(notes, 40), ErrBackup},
		"the refusals are changed":     {flip(refusals, -20), ErrBackup},
		"the first byte of the events": {flip(events, 0), ErrBackup},
		"the last byte of the events":  {flip(events, -1), ErrBackup},
		"the data of an event":         {replace(events, "企业", "公司"), ErrBackup},
		"the key is changed":           {flip(private, 20), ErrBackup},
		"the manifest has more":        {replace(manifest, "{", `{"x":1,`), ErrBackup},
		"the manifest is no JSON":      {flip(manifest, 0), ErrBackup},
		"the events are missing":       {without(events), ErrBackup},
		"the checkpoints are missing":  {without(notes), ErrBackup},
		"the refusals are missing":     {without(refusals), ErrBackup},
		"the key is missing":           {without(private), ErrBackup},
		"the manifest is missing":      {without(manifest), ErrBackup},
		"two parts are swapped": {with(func(l []entry) []entry {
			l[events].text, l[refusals].text = l[refusals].text, l[events].text
			return l
		}), ErrBackup},
		"two parts in another order": {with(func(l []entry) []entry { l[events], l[refusals] = l[refusals], l[events]; return l }), ErrBackup},
		"a part twice":               {more(events, file("events/00000001", "x")), ErrBackup},
		"a path that leads away":     {more(events, file("../../etc/passwd", "x")), ErrBackup},
		"an absolute path":           {more(events, file("/tmp/x", "x")), ErrBackup},
		"a link":                     {more(events, entry{Header: tar.Header{Name: "events/00000001", Linkname: "/etc/passwd", Typeflag: tar.TypeSymlink}}), ErrBackup},
		"an empty entry":             {more(events, file("events/00000001", "")), ErrBackup},
		"something behind it":        {more(manifest+1, file("events/00000002", "x")), ErrBackup},
		"an entry too large":         {more(events, file("events/00000001", strings.Repeat("x", backupEntry+1))), ErrBackup},
		"a bomb": {with(func(l []entry) []entry {
			zeros := strings.Repeat("\x00", backupEntry)
			for i := range 60 {
				l = slices.Insert(l, private+1+i, file(fmt.Sprintf("private/%08d", i+2), zeros))
			}
			return l
		}), ErrBackup},
		// By somebody who knows the format, and has no key.
		"a later time, sealed":       {sealed(t, replace(events, "企业", "公司"), nil), ErrBackup},
		"fewer checkpoints, sealed":  {sealed(t, without(notes), nil), ErrBackup},
		"a key's path, sealed":       {sealed(t, replace(private, keyFile, "../../key"), nil), ErrBackup},
		"another fund, sealed":       {sealed(t, whole, func(m *BackupManifest) { m.Fund = "../elsewhere" }), ErrBackup},
		"another format, sealed":     {sealed(t, whole, func(m *BackupManifest) { m.Format = "fundledger-backup-2" }), ErrBackup},
		"another root, sealed":       {sealed(t, whole, func(m *BackupManifest) { m.Events.Root[3]++ }), ErrBackup},
		"another end, sealed":        {sealed(t, whole, func(m *BackupManifest) { m.Events.Last++ }), ErrBackup},
		"its own checkpoint, sealed": {sealed(t, whole, func(m *BackupManifest) { m.Checkpoint = strings.Replace(m.Checkpoint, "\n6\n", "\n7\n", 1) }), proof.ErrCheckpoint},
		"no keys, sealed":            {sealed(t, whole, func(m *BackupManifest) { m.Keys = nil }), proof.ErrCheckpoint},
		"a checkpoint, sealed":       {sealed(t, replace(notes, "\\n3\\n", "\\n2\\n"), nil), proof.ErrCheckpoint},
		"events and root, sealed": {func() []entry {
			list := replace(events, "企业", "公司")
			var f eventstore.Frontier
			var until time.Time
			if _, err := eventstore.ReadArchive(bytes.NewReader(list[events].text), func(r eventstore.Record) error {
				f.Append(eventstore.LeafHash(r))
				until = r.Time
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			return sealed(t, list, func(m *BackupManifest) { m.Events.Root, m.Events.Until = f.Root(), until })
		}(), proof.ErrForked},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			refused(t, packed(t, test.list), test.err)
		})
	}
	text := packed(t, whole)
	b, err := OpenBackup(t.Context(), fileOf(t, text), nil, nil)
	if err != nil {
		t.Fatalf("the unchanged parts: %v", err)
	}
	_ = b.Close()
	for at := 0; at < len(text); at += 1 + len(text)/300 {
		flipped := bytes.Clone(text)
		flipped[at] ^= 0x10
		if refusedAt(t, flipped) == nil {
			t.Errorf("a flipped bit at %d of %d is not noticed", at, len(text))
		}
		if refusedAt(t, text[:at]) == nil {
			t.Errorf("a file cut at %d of %d is not noticed", at, len(text))
		}
	}
	givenUp, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := OpenBackup(givenUp, fileOf(t, text), nil, nil); !errors.Is(err, context.Canceled) || errors.Is(err, ErrBackup) {
		t.Errorf("a check that is given up says %v", err)
	}
	if _, err := WriteBackup(givenUp, io.Discard, from); !errors.Is(err, context.Canceled) {
		t.Errorf("a backup that is given up says %v", err)
	}
	refused(t, append(bytes.Clone(text), 0), ErrBackup)
	refused(t, slices.Concat(text, text), ErrBackup)
	refused(t, nil, ErrBackup)
}

// content is what a file unpacks to, or nothing where it does not.
func content(text []byte) []byte {
	z, err := zstd.NewReader(bytes.NewReader(text))
	if err != nil {
		return nil
	}
	defer z.Close()
	out, err := io.ReadAll(z)
	if err != nil {
		return nil
	}
	return out
}

func refusedAt(t *testing.T, text []byte) error {
	t.Helper()
	b, err := OpenBackup(t.Context(), fileOf(t, text), nil, nil)
	if err == nil {
		_ = b.Close()
	}
	return err
}

func refused(t *testing.T, text []byte, want error) {
	t.Helper()
	if err := refusedAt(t, text); !errors.Is(err, want) {
		t.Errorf("%v, and not %v", err, want)
	}
}

// of a log that contradicts its checkpoints no backup is made: it would take the place of a good one.
func TestALogThatContradictsItsCheckpointsIsNotBackedUp(t *testing.T) {
	from, _ := ledgerToBackUp(t)
	other, _, err := proof.OpenKey(filepath.Join(t.TempDir(), keyFile), proof.Origin(from.Fund))
	if err != nil {
		t.Fatal(err)
	}
	signed := func(key proof.Key, size uint64) proof.Store {
		signer, err := key.Signer()
		if err != nil {
			t.Fatal(err)
		}
		note, err := proof.Checkpoint{Origin: proof.Origin(from.Fund), Size: size, Root: rootOfNothing()}.Sign(signer)
		if err != nil {
			t.Fatal(err)
		}
		store := proof.Folder(t.TempDir())
		if err := store.Keep(t.Context(), size, note); err != nil {
			t.Fatal(err)
		}
		return store
	}
	for name, test := range map[string]struct {
		store proof.Store
		err   error
	}{
		"rewritten":               {signed(*from.Sign, 4), proof.ErrForked},
		"cut":                     {signed(*from.Sign, 400), proof.ErrRolledBack},
		"signed by somebody else": {signed(other, 4), proof.ErrCheckpoint},
	} {
		from.Store = test.store
		if _, err := WriteBackup(t.Context(), io.Discard, from); !errors.Is(err, test.err) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
