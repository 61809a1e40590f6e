package pages

import (
	"maps"
	"net/http"
	"slices"
	"strconv"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/web"
)

// refusedBody is a page of refusals.
type refusedBody struct {
	Rows  []projections.RefusedRow
	Code  string
	Codes []string
}

func (p *Pages) refusals(w http.ResponseWriter, r *http.Request) error {
	pg, err := p.enter(r, "/refusals")
	if err != nil {
		return err
	}
	a, code := pg.Asked, r.URL.Query().Get("code")
	codes := slices.Sorted(maps.Keys(domain.RefusalCodes()))
	if code != "" && !slices.Contains(codes, code) {
		return invalid("code", code)
	}
	before := uint64(0)
	if a.cursor != "" {
		if before, err = strconv.ParseUint(a.cursor, 10, 63); err != nil {
			return invalid("cursor", a.cursor)
		}
	}
	rows, next, err := p.server.Refusals(r.Context(), web.RefusalsAsked{Enterprise: domain.EnterpriseID(a.Enterprise), Application: domain.ApplicationID(a.Application),
		Code: code, Actor: domain.PersonID(a.Actor), Before: before, Limit: pageRows, Lang: pg.Viewer.Lang})
	if err != nil {
		return err
	}
	if next > 0 {
		pg.Next = strconv.FormatUint(next, 10)
	}
	pg.Export = a.export(projections.Refusals.List)
	return refusalsSheet.write(p, w, http.StatusOK, pg, refusedBody{rows, code, codes})
}
