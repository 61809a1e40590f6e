package postgres

import "errors"

// Errors that a caller branches on.
var (
	// ErrOtherLog says that a database holds the projections of another log.
	ErrOtherLog = errors.New("the database belongs to another log")
	// ErrOtherVersion says that another version of this program made the tables.
	ErrOtherVersion = errors.New("the tables are of another version")
	// ErrNotOwner says that a role may not make or change the tables: the owner has to.
	ErrNotOwner = errors.New("the tables are another role's")
	// ErrInconsistent says that the tables do not hold what the log says happened before: they were changed by hand, or restored to
	// another state. Rebuild them from the log.
	ErrInconsistent = errors.New("the tables do not hold what the log says: rebuild them")
)
