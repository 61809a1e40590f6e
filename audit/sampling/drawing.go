package sampling

import (
	"strings"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/proof"
	"github.com/fundledger/fundledger/words"
)

// Drawing says how a sample is drawn, as people write it. The zero Drawing draws 60 monetary units under the latest checkpoint.
type Drawing struct {
	N          int      `json:"n,omitzero"`      // monetary units, or payouts of strata; 0: 60
	Size       uint64   `json:"size,omitzero"`   // of the checkpoint that it is drawn under; 0: the latest
	By         string   `json:"by,omitzero"`     // what strata are made by; "": monetary units are drawn
	Strata     int      `json:"strata,omitzero"` // 0: 4
	Bounds     []string `json:"bounds,omitempty"`
	Certainty  string   `json:"certainty,omitzero"`
	Allocation string   `json:"allocation,omitzero"` // "": by value
}

// The defaults of a drawing.
const (
	defaultUnits  = 60
	defaultStrata = 4
)

// plan reads a drawing; what cannot be read or drawn is an errPlan.
func (d Drawing) plan() (Plan, error) {
	p := Plan{By: StratifiedBy(d.By), N: d.N, Strata: d.Strata, Allocation: Allocation(d.Allocation)}
	if p.N == 0 {
		p.N = defaultUnits
	}
	if p.Strata == 0 {
		p.Strata = defaultStrata
	}
	if p.Allocation == "" {
		p.Allocation = byValue
	}
	amount := func(name, text string) (domain.Money, error) {
		m, err := domain.ParseMoney(strings.TrimSpace(text))
		if err != nil {
			return m, words.Wrong(errPlan, "%s：“%s”不是金额；金额写成 1000000.00", "%s: %q is no amount, write one like 1000000.00", name, domain.Clip(text, 160))
		}
		return m, nil
	}
	for _, text := range d.Bounds {
		bound, err := amount("bounds", text)
		if err != nil {
			return p, err
		}
		p.Bounds = append(p.Bounds, bound)
	}
	if d.Certainty != "" {
		var err error
		if p.Certainty, err = amount("certainty", d.Certainty); err != nil {
			return p, err
		}
	}
	if p.N < 1 || p.N > MaxSample {
		return p, words.Wrong(errPlan, "样本为 1 至 %d，不能是 %d", "a sample is of 1 to %d, not of %d", MaxSample, p.N)
	}
	return p, nil
}

// Check reports what cannot be drawn, before anything is read, and what to change.
func (d Drawing) Check() error {
	p, err := d.plan()
	if err == nil && d.By != "" {
		err = p.check()
	}
	return err
}

// Draw draws from the payouts under a checkpoint, whose root is the seed. An error says what to change.
func (d Drawing) Draw(items []Item, under proof.Signed) (DrawnSample, error) {
	drawn := DrawnSample{Checkpoint: under}
	p, err := d.plan()
	if err != nil {
		return drawn, err
	}
	if d.By == "" {
		units := Draw(items, p.N, under.Root)
		drawn.Units = &units
		return drawn, nil
	}
	stratified, err := drawStratified(items, p, under.Root)
	drawn.Stratified = &stratified
	return drawn, err
}

// DrawnSample is a sample, of one kind or the other, and the checkpoint that it was drawn under.
type DrawnSample struct {
	Checkpoint proof.Signed
	Units      *Sample
	Stratified *Stratified
}

// Whole is the sample itself.
func (d DrawnSample) Whole() any {
	if d.Stratified != nil {
		return d.Stratified
	}
	return d.Units
}

// Table is the sample's worksheet.
func (d DrawnSample) Table() words.Sheet {
	if d.Stratified != nil {
		return d.Stratified.Table()
	}
	return d.Units.Table()
}

// Evaluated is what an audited sample projects to; one of the two is there.
type Evaluated struct {
	Units      *Evaluation           `json:"units,omitempty"`
	Stratified *StratifiedEvaluation `json:"stratified,omitempty"`
}

// Evaluate projects what the audited amounts of a sample say. An error is an [ErrWorksheet].
func (d DrawnSample) Evaluate(audited Audited, tolerable domain.Money) (Evaluated, error) {
	if d.Stratified != nil {
		e, err := evaluateStratified(*d.Stratified, audited, tolerable)
		return Evaluated{Stratified: &e}, err
	}
	e, err := evaluate(*d.Units, audited, tolerable)
	return Evaluated{Units: &e}, err
}
