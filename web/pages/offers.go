package pages

import (
	"net/http"

	"github.com/fundledger/fundledger/domain"
)

// offerSupport offers support, and takes offers up or turns them down.
func (p *Pages) offerSupport(w http.ResponseWriter, r *http.Request) error {
	return p.answer(w, r, desk{here: "/offers", title: domain.Text{ZH: "提供、确认与谢绝支持", EN: "Offer, confirm and decline support"},
		next: func(c domain.Command) string {
			switch c := c.(type) {
			case *domain.ConfirmOffer:
				return link("/offers", "offer", string(c.Offer))
			case *domain.DeclineOffer:
				return link("/offers", "offer", string(c.Offer))
			}
			return "/offers"
		},
		drafts: func(s *domain.State) []draft {
			asked := r.URL.Query().Get
			return append([]draft{
				asks(s.Policy(), "offer_support", "offer", "enterprise", "clause", "refers_to", "project", "award", "title", "instalments", "expires_on", "distinct_from", "reason").
					filled("enterprise", asked("enterprise")).filled("clause", asked("clause")).filled("project", asked("project")),
			}, offerDrafts(s.Policy(), domain.OfferID(asked("offer")))...)
		}})
}

// offerDrafts are the commands that answer an offer, each with its identifier.
func offerDrafts(p *domain.Policy, id domain.OfferID) []draft {
	return []draft{
		asks(p, "confirm_offer", "offer", "application").filled("offer", string(id)),
		asks(p, "decline_offer", "offer", "reason").filled("offer", string(id)),
	}
}
