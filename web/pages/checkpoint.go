package pages

import (
	"net/http"
	"strconv"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/proof"
	"github.com/fundledger/fundledger/web"
	"github.com/fundledger/fundledger/wire"
)

// checkpointBody is a checkpoint: what was signed, by whom, and what had happened since the one before.
type checkpointBody struct {
	proof.Signed
	Keys           []string // that signed it: the beginnings of their verifier keys
	Before, Behind uint64   // the checkpoints beside it; 0: there is none
	Growth         *proof.Consistency
	Events         []stepTaken
}

// stepTaken is an event of a checkpoint.
type stepTaken struct {
	projections.LoggedRow
	Event domain.Event
}

// Signature is the note as it is verified.
func (b *checkpointBody) Signature() string { return string(b.Note) }

// Since is the first event that the checkpoint before does not hold.
func (b *checkpointBody) Since() uint64 { return b.Before + 1 }

func (p *Pages) checkpoint(w http.ResponseWriter, r *http.Request) error {
	kept, err := p.proof()
	if err != nil {
		return err
	}
	size, err := strconv.ParseUint(r.PathValue("size"), 10, 63)
	if err != nil || size == 0 {
		return projections.ErrNotFound
	}
	pg, err := p.begin(r, "/audit", domain.Text{ZH: "检查点：" + r.PathValue("size") + " 个事件", EN: "Checkpoint of " + r.PathValue("size") + " events"})
	if err != nil {
		return err
	}
	b := &checkpointBody{}
	if b.Signed, err = kept.Checkpoint(r.Context(), size); err != nil {
		return err
	}
	if b.Keys, err = kept.SignedBy(b.Signed); err != nil {
		return err
	}
	if b.Before, b.Behind, err = kept.Beside(r.Context(), size); err != nil {
		return err
	}
	if b.Before > 0 {
		if b.Growth, err = p.grown(r, kept, b.Before, b.Signed); err != nil {
			return err
		}
	}
	if err := p.heldFirst(r, pg, b); err != nil {
		return err
	}
	return checkpointSheet.write(p, w, http.StatusOK, pg, b)
}

// grown proves that a checkpoint goes on from the one before.
func (p *Pages) grown(r *http.Request, kept *web.Proof, from uint64, to proof.Signed) (*proof.Consistency, error) {
	earlier, err := kept.Checkpoint(r.Context(), from)
	if err != nil {
		return nil, err
	}
	growth, err := kept.Consistency(r.Context(), from, to.Size)
	if err != nil {
		return nil, err
	}
	return &growth, growth.Check(earlier.Root, to.Root)
}

// heldFirst adds a page of the events that the checkpoint is the first to hold.
func (p *Pages) heldFirst(r *http.Request, pg *page, b *checkpointBody) error {
	from := b.Since()
	if pg.Asked.cursor != "" {
		var err error
		if from, err = strconv.ParseUint(pg.Asked.cursor, 10, 63); err != nil || from < b.Since() || from > b.Size {
			return invalid("cursor", pg.Asked.cursor)
		}
	}
	ask := projections.Where(projections.From.Is(from))
	ask.Limit = int(min(pageRows, b.Size-from+1))
	page, err := projections.Events.Page(r.Context(), p.server.Keeper(pg.Viewer.Lang), ask)
	if err != nil {
		return err
	}
	for _, row := range page.Rows {
		record, err := p.server.Record(r.Context(), row.Seq)
		if err != nil {
			return err
		}
		entry, err := wire.Decode(record)
		if err != nil {
			return err
		}
		b.Events = append(b.Events, stepTaken{row, entry.Event})
	}
	if next := from + uint64(len(page.Rows)); next <= b.Size {
		pg.Next = strconv.FormatUint(next, 10)
	}
	return nil
}
