package audit

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
)

// Files keeps the contents of attachments by their hash.
type Files interface {
	// Get is a content, held against its hash: [eventstore.ErrNotFound], [eventstore.ErrDamaged].
	Get(ctx context.Context, hash string) ([]byte, error)
}

// NoFiles is where nothing is kept: a ledger whose store of contents is gone, or that never had one.
type NoFiles struct{}

// Get is [eventstore.ErrNotFound].
func (NoFiles) Get(context.Context, string) ([]byte, error) { return nil, eventstore.ErrNotFound }

// Named are the contents that events name, each with the first event that does.
type Named map[string]uint64

// Take takes an event in.
func (n Named) Take(seq uint64, e domain.Event) {
	submitted, ok := e.(*domain.ApplicationSubmitted)
	if !ok {
		return
	}
	for _, a := range submitted.Attachments {
		if _, known := n[a.SHA256]; !known {
			n[a.SHA256] = seq
		}
	}
}

// Sorted are the hashes, in order.
func (n Named) Sorted() []string { return slices.Sorted(maps.Keys(n)) }

// filesChecked reads every content that events name. What is not kept is told: an event may name a file that nobody handed in. What is kept and is another
// content is not sound.
func (v *verification) filesChecked(ctx context.Context) error {
	if v.evidence.Files == nil {
		return nil
	}
	kept, missing, wrong := 0, 0, []string(nil)
	for _, hash := range v.named.Sorted() {
		switch _, err := v.evidence.Files.Get(ctx, hash); {
		case err == nil:
			kept++
		case errors.Is(err, eventstore.ErrNotFound):
			missing++
		case errors.Is(err, eventstore.ErrDamaged):
			wrong = append(wrong, hash)
		default:
			return err
		}
	}
	title := domain.Text{ZH: "附件", EN: "attachments"}
	if len(wrong) > 0 {
		v.check("attachments", Failed, title, "已保存 %d 份，未保存 %d 份；另有 %d 份已不是原来的内容，第一份：%s（事件 %d）",
			"%d are kept, %d are not; %d are not what they were, the first: %s (event %d)", kept, missing, len(wrong), wrong[0], v.named[wrong[0]])
		return nil
	}
	v.check("attachments", Passed, title, "已保存 %d 份，内容与哈希一致；未保存 %d 份", "%d are kept and are what their hashes say; %d are not kept", kept, missing)
	return nil
}
