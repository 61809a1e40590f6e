package web

import (
	"github.com/fundledger/fundledger/domain"
)

// DemoUser is a user for trying out, with a password to be shown once.
type DemoUser struct {
	User     User
	Password string
}

// DemoUsers makes people for a policy: for each role one, and reviewers and approvers for several departments, so that every
// step of an application can be walked with four eyes. Passwords are random.
func DemoUsers(p domain.Policy) []DemoUser {
	var list []DemoUser
	add := func(id, name string, grants ...Grant) {
		list = append(list, DemoUser{User{ID: domain.PersonID(id), Name: name, Grants: grants}, RandomPassword()})
	}
	offices := offices(p)
	main := offices[0]
	add("clerk", "窗口受理 Clerk", Grant{domain.Clerk, main})
	for _, office := range offices[:min(3, len(offices))] {
		add("reviewer-"+string(office), "评审 Reviewer · "+nameOf(p, office), Grant{domain.Reviewer, office})
		add("approver-"+string(office), "审批 Approver · "+nameOf(p, office), Grant{domain.Approver, office})
	}
	add("treasurer", "财政支付 Treasurer", Grant{domain.Treasurer, p.Treasury})
	add("authority", "区政府 Authority", Grant{domain.Authority, p.Authority})
	add("auditor", "审计 Auditor", Grant{Role: domain.Auditor})
	add("analyst", "分析 Analyst", Grant{Role: domain.Analyst})
	add("admin", "管理员 Admin", Grant{Role: domain.Admin})
	return list
}

// offices are the departments of a policy, those that answer for most clauses first.
func offices(p domain.Policy) []domain.DepartmentID {
	clauses := map[domain.DepartmentID]int{}
	for _, c := range p.Clauses {
		for _, d := range c.Departments {
			clauses[d]++
		}
	}
	var list []domain.DepartmentID
	for _, d := range p.Departments {
		if d.ID == p.Treasury || d.ID == p.Authority || clauses[d.ID] == 0 {
			continue
		}
		at := len(list)
		for at > 0 && clauses[list[at-1]] < clauses[d.ID] {
			at--
		}
		list = append(list[:at], append([]domain.DepartmentID{d.ID}, list[at:]...)...)
	}
	if len(list) == 0 {
		return []domain.DepartmentID{p.Treasury}
	}
	return list
}

func nameOf(p domain.Policy, id domain.DepartmentID) string {
	for _, d := range p.Departments {
		if d.ID == id {
			return orElse(d.Name.ZH, d.Name.EN)
		}
	}
	return string(id)
}

// AddDemoUsers puts them into the file, those whose names are taken left as they are. It returns those it added.
func (u *Users) AddDemoUsers(list []DemoUser) ([]DemoUser, error) {
	var users []User
	var passwords []string
	var added []DemoUser
	for _, one := range list {
		if _, there := u.Find(one.User.ID); there {
			continue
		}
		users, passwords, added = append(users, one.User), append(passwords, one.Password), append(added, one)
	}
	if len(users) == 0 {
		return nil, nil
	}
	return added, u.AddAll(users, passwords)
}
