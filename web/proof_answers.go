package web

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/fundledger/fundledger/archive"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/proof"
	"github.com/fundledger/fundledger/tabular"
	"github.com/fundledger/fundledger/words"
)

// respondProof answers a value as JSON, or a table of it.
func (s *Server) respondProof(w http.ResponseWriter, r *http.Request, a asked, seq uint64, v any, table func() (words.Sheet, bool)) error {
	format, err := formatOf(r, a)
	if err != nil {
		return err
	}
	if format == tabular.JSON {
		w.Header().Set("ETag", etag(seq))
		w.Header().Set("Fundledger-Position", digits(seq))
		return writeJSON(w, http.StatusOK, v)
	}
	t, ok := table()
	if !ok {
		return projections.ErrNotFound
	}
	return s.export(w, r, t.As(langOf(r), tabular.Meta{Name: "position", Value: digits(seq)}, tabular.Meta{Name: "fund", Value: string(s.cfg.Fund)}), format, seq, &seq, a.text("headings") == "human")
}

// named is the table of a name.
func named(tables []words.Sheet, name string) (words.Sheet, bool) {
	i := slices.IndexFunc(tables, func(t words.Sheet) bool { return t.Name == name })
	if i < 0 {
		return words.Sheet{}, false
	}
	return tables[i], true
}

// getBundle streams a bundle.
func (s *Server) getBundle(w http.ResponseWriter, r *http.Request) error {
	a, err := readQuery(r.URL.RawQuery, []param{projections.ByEnterprise.Filter, projections.ByClause.Filter, projections.ByYear.Filter})
	if err != nil {
		return err
	}
	if err := s.ReadsAll(r.Context()); err != nil {
		return err
	}
	scope := archive.Scope{Enterprise: domain.EnterpriseID(a.text("enterprise")), Clause: domain.ClauseID(a.text("clause")), Year: a.year("year")}
	return s.pour(w, r, "fundledger-", func(out io.Writer) error {
		_, err := s.cfg.Proof.Bundle(r.Context(), out, scope)
		return err
	})
}

// poured writes an answer as it comes, from its first byte on.
type poured struct {
	*taker
	begin func()
	begun bool
}

func (o *poured) Write(p []byte) (int, error) {
	if err := o.may(); err != nil {
		return 0, err
	}
	if !o.begun {
		o.begun = true
		o.begin()
	}
	return o.taker.Write(p)
}

// getNote is the latest checkpoint's note, as public tools ask for it.
func (s *Server) getNote(w http.ResponseWriter, r *http.Request) error {
	latest, err := s.cfg.Proof.Latest(r.Context())
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(latest.Note) // a client that is gone needs no answer
	return nil
}

// entryTiles is where the events themselves lie: never without sign-in.
const entryTiles = "/tile/entries/"

// openTile reports whether a path is of a checkpoint or of hashes, which tell nothing of what happened.
func openTile(path string) bool {
	return path == "/checkpoint" || strings.HasPrefix(path, "/tile/") && !strings.HasPrefix(path, entryTiles)
}

// getTile is a tile of the tree, or a bundle of events, as C2SP tlog-tiles has them.
func (s *Server) getTile(w http.ResponseWriter, r *http.Request) error {
	if v, ok := ViewerOf(r); !openTile(r.URL.Path) && (!ok || !v.Has(everyone...)) {
		return problem(http.StatusForbidden, "route_not_allowed", "allowed", joinRoles(everyone))
	}
	if r.URL.RawQuery != "" || len(r.URL.Path) > 200 {
		return projections.ErrNotFound
	}
	if !openTile(r.URL.Path) { // the events as they lie on the log, withheld values too
		if err := s.ReadsAll(r.Context()); err != nil {
			return err
		}
	}
	p := s.cfg.Proof
	data, whole, err := proof.Tile(r.Context(), p.Tree.Hashes, p.Log, p.Tree.Size(), "tile/"+r.PathValue("path"))
	if errors.Is(err, proof.ErrTile) {
		return projections.ErrNotFound
	}
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Cache-Control", "private, no-cache")
	if whole && openTile(r.URL.Path) { // who may read events may be another tomorrow
		w.Header().Set("Cache-Control", "private, max-age=31536000, immutable")
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(data)))
	_, _ = w.Write(data) // a client that is gone needs no answer
	return nil
}
