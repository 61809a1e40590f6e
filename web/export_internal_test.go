package web

// FindOIDC is for tests outside.
func FindOIDC(u *Users, subject string) (User, bool) { return u.findOIDC(subject) }
