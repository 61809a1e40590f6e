package domain

import "slices"

// Offers: a department that sees that an enterprise may be supported offers it (免申即享); the enterprise, by a clerk, confirms or declines. A
// confirmed offer is an application that is submitted and accepted: who offered has filled the duty of accepting, and a person still approves (R9).
// An offer holds nothing: headroom is judged when it is made and again when it is approved. One that nobody answers lapses by itself.

// OfferSupport offers an enterprise support under a clause, until a day.
type OfferSupport struct {
	Head
	Offer       OfferID      `json:"offer"`
	Enterprise  EnterpriseID `json:"enterprise"`
	Clause      ClauseID     `json:"clause"`
	RefersTo    ClauseID     `json:"refers_to,omitzero"`
	Project     string       `json:"project,omitzero"`
	Award       string       `json:"award,omitzero"`
	Title       string       `json:"title"`
	Instalments []Instalment `json:"instalments"`
	ExpiresOn   Date         `json:"expires_on,omitzero"`
	// DistinctFrom names the projects or awards that this one looks like and is not, for the reason given (R16).
	DistinctFrom []string `json:"distinct_from,omitempty"`
	Reason       string   `json:"reason,omitzero"`
}

// SupportOffered says what is offered, on which account, until when.
type SupportOffered struct {
	Offer       OfferID      `json:"offer"`
	Charge      Charge       `json:"charge"`
	Project     string       `json:"project,omitzero"`
	Title       string       `json:"title"`
	Instalments []Instalment `json:"instalments"`
	ExpiresOn   Date         `json:"expires_on"`
	// DistinctFrom are the projects or awards that it looks like and is not.
	DistinctFrom []string   `json:"distinct_from,omitempty"`
	Reason       string     `json:"reason,omitzero"`
	Facts        []FactUsed `json:"facts,omitempty"`
}

// OfferState is what became of an offer.
type OfferState string

// The states of an offer.
const (
	OfferWaiting   OfferState = "waiting"
	OfferTaken     OfferState = "confirmed"
	OfferTurned    OfferState = "declined"
	OfferHasLapsed OfferState = "lapsed"
)

// Text is what the state is called.
func (s OfferState) Text() Text { return Coded(OfferCodes, s) }

type offer struct {
	SupportOffered
	on          Date
	by          []PersonID // with a deputy, both
	confirmed   Date
	declined    Date
	application ApplicationID
}

// Name is "offer_support".
func (OfferSupport) Name() string { return "offer_support" }

// Name is "support_offered".
func (SupportOffered) Name() string { return "support_offered" }

// Entity is the enterprise.
func (e SupportOffered) Entity() (string, string) { return "enterprise", string(e.Charge.Enterprise) }

func (c *OfferSupport) about(*State) Concern {
	return Concern{Enterprise: c.Enterprise, Account: Account{Clause: c.Clause}}
}

// submission is the application that an offer is, once it is confirmed.
func (c *OfferSupport) submission() *SubmitApplication {
	return &SubmitApplication{Head: c.Head, Application: "-", Enterprise: c.Enterprise, Clause: c.Clause, RefersTo: c.RefersTo, Project: c.Project, Award: c.Award,
		Title: c.Title, Requested: c.Instalments, Reason: c.Reason}
}

func (c *OfferSupport) decide(s *State, today Date) ([]Event, *Refusal) {
	if r := checkIDs("offer", c.Offer); r != nil {
		return nil, r
	}
	if s.offers.has(c.Offer) {
		return nil, refuse(CodeOfferExists, "offer", c.Offer)
	}
	if r := s.checkTerm(c.Clause, c.Date); r != nil {
		return nil, r
	}
	charge, r := s.chargeOf(c.submission())
	if r != nil {
		return nil, r
	}
	for _, check := range []func() *Refusal{
		func() *Refusal { return s.checkOpen(c.Date, charge.Applied(), charge.Clause) },
		func() *Refusal { return s.checkResponsible(c.Name(), application{charge: charge}, c.Head, false) },
		func() *Refusal { return s.checkCreditOf(c.Enterprise, c.Date) },
		func() *Refusal { return checkNeeded("title", c.Title) },
		func() *Refusal { return s.checkInstalments("instalments", c.Instalments, c.Clause, c.Date) },
		func() *Refusal { return s.checkNewName(charge.Subject, c.Project, c.DistinctFrom, c.Reason) },
		func() *Refusal { return c.checkExpiry() },
		func() *Refusal { return s.checkOffered(c, charge) },
	} {
		if r := check(); r != nil {
			return nil, r
		}
	}
	for _, room := range s.capRooms(charge.Account(), c.Instalments, c.Date, today) {
		if r := room.refusal(); r != nil {
			return nil, r
		}
	}
	return []Event{&SupportOffered{Offer: c.Offer, Charge: charge, Project: c.Project, Title: c.Title, Instalments: c.Instalments, ExpiresOn: c.ExpiresOn,
		DistinctFrom: c.DistinctFrom, Reason: c.Reason, Facts: s.restedOn(charge.Enterprise, charge.Applied(), c.Date)}}, nil
}

func (c *OfferSupport) checkExpiry() *Refusal {
	if c.ExpiresOn.IsZero() {
		return refuse(CodeFieldMissing, "field", "expires_on")
	}
	return checkOrder("expires_on", c.ExpiresOn, c.Date)
}

// checkOffered refuses a second offer of what is offered already: on an account, under a clause, for a year.
func (s *State) checkOffered(c *OfferSupport, charge Charge) *Refusal {
	for _, id := range s.offered.get(charge.Account()) {
		o := s.offers.get(id)
		if id == c.Offer || !s.offerStands(o, c.Date) || o.Charge.Applied() != charge.Applied() {
			continue
		}
		for _, part := range c.Instalments {
			if slices.Contains(yearsOf(o.Instalments), part.SupportYear) {
				return refuse(CodeOfferStanding, "offer", id, "clause", charge.Applied(), "subject", charge.Subject.ID, "year", part.SupportYear, "until", o.ExpiresOn)
			}
		}
	}
	return nil
}

// offerStands reports whether an offer waits on a day, or was confirmed and became an application that is not over.
func (s *State) offerStands(o offer, on Date) bool {
	switch {
	case !o.declined.IsZero():
		return false
	case o.confirmed.IsZero():
		return !on.After(o.ExpiresOn)
	}
	state := s.applications.get(o.application).state
	return state != Withdrawn && state != Rejected && state != Voided
}

// rooms are what an offer is held against: it takes nothing of them.
func (c *OfferSupport) rooms(s *State, today Date) ([]Room, *Refusal) {
	charge, r := s.chargeOf(c.submission())
	if r != nil {
		return nil, r
	}
	day := or(c.Date, today)
	list, r := s.askedIn("instalments", c.Instalments, charge.Applied(), day)
	if r != nil {
		return nil, r
	}
	return s.capRooms(charge.Account(), list, day, today), nil
}

func (e *SupportOffered) concerns() Concern { return onCharge("", e.Charge) }

func (e *SupportOffered) command(h Head) Command {
	c := &OfferSupport{Head: h, Offer: e.Offer, Enterprise: e.Charge.Enterprise, Clause: e.Charge.Applied(), Project: e.Project, Title: e.Title,
		Instalments: e.Instalments, ExpiresOn: e.ExpiresOn, DistinctFrom: e.DistinctFrom, Reason: e.Reason}
	if e.Charge.Via != "" {
		c.RefersTo = e.Charge.Clause
	}
	_, c.Award = e.Charge.Subject.named()
	return c
}

func (e *SupportOffered) describe() Text {
	return both("提供支持“%s”：%s，%s 前确认", "support offered, “%s”: %s, to be confirmed by %s", e.Title, schedule(e.Instalments), e.ExpiresOn)
}

func (e *SupportOffered) apply(s *State, by Deed) {
	s.offers.put(e.Offer, offer{SupportOffered: *e, on: by.Date, by: by.Actor.Persons()})
	s.offered.update(e.Charge.Account(), func(list *[]OfferID) { *list = append(slices.Clip(*list), e.Offer) })
	s.learn(nameOffer, string(e.Offer))
	s.learnSubject(e.Charge.Subject, e.Project)
}

// ConfirmOffer takes an offer up for the enterprise.
type ConfirmOffer struct {
	Head
	Offer       OfferID       `json:"offer"`
	Application ApplicationID `json:"application,omitzero"` // that it becomes; left out: called what the offer is
}

// OfferConfirmed says that an offer is taken up. The application that it is, and its acceptance, stand behind it in the same decision.
type OfferConfirmed struct {
	Offer       OfferID       `json:"offer"`
	Application ApplicationID `json:"application"`
	Charge      Charge        `json:"charge"`
	OfferedBy   []PersonID    `json:"offered_by"` // who have filled the duty of accepting
}

// Name is "confirm_offer".
func (ConfirmOffer) Name() string { return "confirm_offer" }

// Name is "offer_confirmed".
func (OfferConfirmed) Name() string { return "offer_confirmed" }

// Entity is the application.
func (e OfferConfirmed) Entity() (string, string) { return "application", string(e.Application) }

func (c *ConfirmOffer) about(s *State) Concern { return s.onOffer(c.Offer, c.became()) }

func (c *ConfirmOffer) became() ApplicationID {
	if c.Application == "" {
		return ApplicationID(c.Offer)
	}
	return c.Application
}

func (c *ConfirmOffer) forms() []Command {
	return without(*c, c.Application == ApplicationID(c.Offer), func(o *ConfirmOffer) { o.Application = "" })
}

// onOffer is what an offer is about.
func (s *State) onOffer(id OfferID, a ApplicationID) Concern {
	if o, known := s.offers.find(id); known {
		return onCharge(a, o.Charge, yearsOf(o.Instalments)...)
	}
	return Concern{}
}

// waiting finds an offer that waits for an answer: on the day that the answer is dated, and on the day that it is recorded. A date behind it
// would take up what lapsed, and what has been offered to others since; only a ledger that is being taken over knows answers of days gone by.
func (s *State) waiting(id OfferID, on, today Date) (offer, *Refusal) {
	if r := checkIDs("offer", id); r != nil {
		return offer{}, r
	}
	o, known := s.offers.find(id)
	switch {
	case !known:
		return o, refuse(CodeOfferUnknown, "offer", id)
	case !o.confirmed.IsZero():
		return o, refuse(CodeOfferAnswered, "offer", id, "date", o.confirmed, "application", o.application)
	case !o.declined.IsZero():
		return o, refuse(CodeOfferAnswered, "offer", id, "date", o.declined)
	case on.After(o.ExpiresOn):
		return o, refuse(CodeOfferLapsed, "offer", id, "until", o.ExpiresOn, "date", on)
	case s.inUse && today.After(o.ExpiresOn):
		return o, refuse(CodeOfferLapsed, "offer", id, "until", o.ExpiresOn, "date", today)
	}
	return o, checkOrder("date", on, o.on)
}

func (c *ConfirmOffer) decide(s *State, today Date) ([]Event, *Refusal) {
	o, r := s.waiting(c.Offer, c.Date, today)
	if r != nil {
		return nil, r
	}
	id := c.became()
	if s.applications.has(id) {
		return nil, refuse(CodeApplicationExists, "application", id)
	}
	again := o.SupportOffered.command(c.Head).(*OfferSupport)
	if r := s.checkOffered(again, o.Charge); r != nil { // offered anew once this one had lapsed
		return nil, r
	}
	offered := again.submission()
	offered.Application = id
	submitted, r := offered.decide(s, today)
	if r != nil {
		return nil, r
	}
	charge := submitted[0].(*ApplicationSubmitted).Charge
	confirmed := &OfferConfirmed{Offer: c.Offer, Application: id, Charge: charge, OfferedBy: o.by}
	return []Event{confirmed, submitted[0], &ApplicationAccepted{Step{Application: id, Charge: charge}}}, nil
}

func (e *OfferConfirmed) concerns() Concern { return onCharge(e.Application, e.Charge) }

func (e *OfferConfirmed) command(h Head) Command {
	return &ConfirmOffer{Head: h, Offer: e.Offer, Application: e.Application}
}

func (e *OfferConfirmed) describe() Text {
	return both("确认支持 %s，成为申请 %s", "offer %s confirmed: it is the application %s", e.Offer, e.Application)
}

// apply comes before the application is there: its duty of accepting is filled already.
func (e *OfferConfirmed) apply(s *State, by Deed) {
	s.offers.update(e.Offer, func(o *offer) { o.confirmed, o.application = by.Date, e.Application })
	s.applications.update(e.Application, func(a *application) {
		for _, p := range e.OfferedBy {
			a.fill(DutyAccept, Actor{ID: p})
		}
	})
}

// DeclineOffer turns an offer down for the enterprise.
type DeclineOffer struct {
	Head
	Offer  OfferID `json:"offer"`
	Reason string  `json:"reason,omitzero"`
}

// OfferDeclined says that an offer is turned down.
type OfferDeclined struct {
	Offer  OfferID `json:"offer"`
	Charge Charge  `json:"charge"`
	Reason string  `json:"reason,omitzero"`
}

// Name is "decline_offer".
func (DeclineOffer) Name() string { return "decline_offer" }

// Name is "offer_declined".
func (OfferDeclined) Name() string { return "offer_declined" }

// Entity is the enterprise.
func (e OfferDeclined) Entity() (string, string) { return "enterprise", string(e.Charge.Enterprise) }

func (c *DeclineOffer) about(s *State) Concern { return s.onOffer(c.Offer, "") }

func (c *DeclineOffer) decide(s *State, today Date) ([]Event, *Refusal) {
	o, r := s.waiting(c.Offer, c.Date, today)
	if r != nil {
		return nil, r
	}
	if r := checkTexts("reason", c.Reason); r != nil {
		return nil, r
	}
	return []Event{&OfferDeclined{Offer: c.Offer, Charge: o.Charge, Reason: c.Reason}}, nil
}

func (e *OfferDeclined) concerns() Concern { return onCharge("", e.Charge) }

func (e *OfferDeclined) command(h Head) Command {
	return &DeclineOffer{Head: h, Offer: e.Offer, Reason: e.Reason}
}

func (e *OfferDeclined) describe() Text {
	return reasoned("谢绝支持 "+string(e.Offer), "offer "+string(e.Offer)+" declined", e.Reason)
}

func (e *OfferDeclined) apply(s *State, by Deed) {
	s.offers.update(e.Offer, func(o *offer) { o.declined = by.Date })
}
