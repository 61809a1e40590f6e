package projections

import "github.com/fundledger/fundledger/domain"

// View is a view for analysts, in schema analyst.
type View struct {
	Name    string
	Meaning domain.Text
	Columns []ViewColumn
}

// ViewColumn is a column of a view.
type ViewColumn struct {
	Name    string
	Type    string // of SQL
	Meaning domain.Text
}
