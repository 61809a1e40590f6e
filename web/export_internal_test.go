package web

import "github.com/fundledger/fundledger/domain"

// Way is one way in, and the roles that may; nil: anybody.
type Way struct {
	Method, Path string
	Roles        []domain.Role
}

// Routes is the table of routes, for tests outside.
func Routes() (ways []Way) {
	for _, rt := range routes {
		ways = append(ways, Way{rt.method, rt.path, rt.roles})
	}
	return ways
}
