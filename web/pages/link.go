package pages

import (
	"net/http"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
)

// newLink is the form that records how two enterprises are linked.
func (p *Pages) newLink(w http.ResponseWriter, r *http.Request) error {
	return p.answer(w, r, desk{here: "/links", title: domain.Text{ZH: "登记关联", EN: "Record a link"},
		next: func(domain.Command) string { return "/links" },
		drafts: func(s *domain.State) []draft {
			return []draft{asks(s.Policy(), "link_enterprises", "link", "a", "b", "kind", "share", "from", "to", "document").
				filled("link", newID("L")).filled("a", r.URL.Query().Get("enterprise")).filled("from", p.today().String())}
		}})
}

// newMerger are the forms that record that one enterprise was taken over by another, or that it never was.
func (p *Pages) newMerger(w http.ResponseWriter, r *http.Request) error {
	return p.answer(w, r, desk{here: "/mergers", title: domain.Text{ZH: "登记或作废企业合并", EN: "Record or void a merger"},
		next: func(domain.Command) string { return "/mergers" },
		drafts: func(s *domain.State) []draft {
			return []draft{asks(s.Policy(), "merge_enterprises", "from", "into", "on", "document").
				filled("from", r.URL.Query().Get("enterprise")).filled("on", p.today().String()),
				asks(s.Policy(), "void_merger", "from", "document", "reason").filled("from", r.URL.Query().Get("void"))}
		}})
}

// endLink is the form about one link.
func (p *Pages) endLink(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	var known bool
	if err := p.server.View(r.Context(), func(s *domain.State, _ uint64) { _, known = s.Link(domain.LinkID(id)) }); err != nil {
		return err
	}
	if !known {
		return projections.ErrNotFound
	}
	return p.answer(w, r, desk{here: "/links", title: domain.Text{ZH: "关联 " + id, EN: "Link " + id}, fixed: map[string]string{"link": id},
		next: func(domain.Command) string { return "/links" },
		drafts: func(s *domain.State) []draft {
			return []draft{asks(s.Policy(), "end_link", "to", "mistaken", "document", "reason").tried(func(h domain.Head) domain.Command {
				return &domain.EndLink{Head: h, Link: domain.LinkID(id), Mistaken: true, Document: "-", Reason: "-"}
			})}
		}})
}

// tellGroup adds to an enterprise's page what took it over or what it took over, how it is linked, with whom it is a group, and what that uses.
func (p *Pages) tellGroup(r *http.Request, pg *page, b *enterpriseBody) error {
	ask := projections.Where(projections.ByEnterprise.Is(b.Enterprise))
	ask.AsOf, ask.On, ask.Limit = pg.Asked.asOf, pg.Asked.on, pageRows
	mergers, err := projections.Mergers.Page(r.Context(), p.server.Queries(), ask)
	if err != nil {
		return err
	}
	b.Mergers.Rows = mergers.Rows
	links, err := projections.Links.Page(r.Context(), p.server.Queries(), ask)
	if err != nil || len(links.Rows)+len(mergers.Rows) == 0 {
		return err
	}
	members, err := projections.GroupMembers.Page(r.Context(), p.server.Queries(), ask)
	if err != nil {
		return err
	}
	groups, err := projections.Groups.Page(r.Context(), p.server.Queries(), ask)
	if err != nil {
		return err
	}
	b.Links.Rows, b.Members, b.Groups.Rows = links.Rows, members.Rows, groups.Rows
	return nil
}
