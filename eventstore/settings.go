package eventstore

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Setting is one setting of a stream that is not as it must be. Name is the server's own name of it ("max_age").
type Setting struct {
	Name   string
	Wanted string
	Found  string
}

// SettingsError lists every setting of a stream on which the log relies and which was found otherwise.
type SettingsError struct {
	Stream   string
	Settings []Setting
}

func (e *SettingsError) Error() string {
	parts := make([]string, len(e.Settings))
	for i, s := range e.Settings {
		parts[i] = fmt.Sprintf("%s is %s, must be %s", s.Name, s.Found, s.Wanted)
	}
	return fmt.Sprintf("the settings of stream %s were changed: %s; find out who changed them and whether events were lost, then set them back",
		e.Stream, strings.Join(parts, "; "))
}

// duplicateWindow is the shortest the server takes. Nothing here sends Nats-Msg-Id, so it has no effect; it is
// pinned so that no default decides.
const duplicateWindow = 100 * time.Millisecond

// streamConfig is the one way a log's stream is set: kept whole for ever, on disk, written before it is acknowledged. A shelf's keeps one message of a
// subject, and that for as long as the message says.
func streamConfig(cfg Config) jetstream.StreamConfig {
	config := jetstream.StreamConfig{
		Name:               cfg.Stream,
		Subjects:           cfg.Subjects,
		Retention:          jetstream.LimitsPolicy,
		MaxConsumers:       -1,
		MaxMsgs:            -1,
		MaxBytes:           -1,
		MaxMsgsPerSubject:  -1,
		MaxMsgSize:         -1,
		Discard:            jetstream.DiscardNew,
		Storage:            jetstream.FileStorage,
		Replicas:           cfg.Replicas,
		Duplicates:         duplicateWindow,
		Compression:        jetstream.NoCompression,
		DenyDelete:         true,
		DenyPurge:          true,
		AllowAtomicPublish: true,
		PersistMode:        jetstream.DefaultPersistMode,
	}
	if cfg.shelf {
		config.MaxMsgsPerSubject, config.AllowMsgTTL, config.AllowAtomicPublish = 1, true, false
	}
	return config
}

// freeSettings do not bear on what the log promises: words, and where the stream is placed.
var freeSettings = map[string]bool{"description": true, "metadata": true, "placement": true}

// checkSettings compares every setting there is, those of server versions to come included, with what streamConfig
// says; and the state with that of a log from which nothing was ever taken.
func checkSettings(cfg Config, info *jetstream.StreamInfo) error {
	wanted, found := reflect.ValueOf(streamConfig(cfg)), reflect.ValueOf(info.Config)
	e := &SettingsError{Stream: cfg.Stream}
	for i := range wanted.NumField() {
		name, _, _ := strings.Cut(wanted.Type().Field(i).Tag.Get("json"), ",")
		if freeSettings[name] || name == "subjects" && cfg.ReadOnly && len(cfg.Subjects) == 0 {
			continue
		}
		if !sameSetting(wanted.Field(i), found.Field(i)) {
			e.Settings = append(e.Settings, Setting{name, showSetting(wanted.Field(i)), showSetting(found.Field(i))})
		}
	}
	whole := !cfg.Plain && !cfg.shelf // of a plain log, who reads it says which are missing
	if first := info.State.FirstSeq; first > 1 && whole {
		e.Settings = append(e.Settings, Setting{"state.first_seq", "1", fmt.Sprint(first)})
	}
	if deleted := info.State.NumDeleted; deleted > 0 && whole {
		e.Settings = append(e.Settings, Setting{"state.num_deleted", "0", fmt.Sprint(deleted)})
	}
	if len(e.Settings) > 0 {
		return e
	}
	return nil
}

func sameSetting(wanted, found reflect.Value) bool {
	switch wanted.Kind() {
	case reflect.Slice, reflect.Map:
		if wanted.Len() == 0 && found.Len() == 0 {
			return true
		}
	}
	return reflect.DeepEqual(wanted.Interface(), found.Interface())
}

func showSetting(v reflect.Value) string {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return "not set"
		}
		return fmt.Sprintf("%+v", v.Elem().Interface())
	}
	return fmt.Sprintf("%+v", v.Interface())
}
