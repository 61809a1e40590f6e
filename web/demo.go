package web

import (
	"slices"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/domain"
)

// DemoUser is a user for trying out, with a password to be shown once.
type DemoUser struct {
	User     accounts.User
	Password string
}

// DemoUsers makes people for a policy: for each role one, and a reviewer and an approver for as many departments as it takes to
// answer for every clause, so that each application can be walked through with four eyes. Passwords are random.
func DemoUsers(p domain.Policy) []DemoUser {
	var list []DemoUser
	add := func(id, name string, grants ...Grant) {
		list = append(list, DemoUser{accounts.User{ID: domain.PersonID(id), Name: name, Grants: grants}, accounts.RandomPassword()})
	}
	offices := offices(p)
	if len(offices) == 0 { // a policy of exceptions only
		offices = []domain.DepartmentID{p.Treasury}
	}
	add("clerk", "窗口受理（Clerk）", Grant{Role: domain.Clerk, Department: offices[0]})
	for _, office := range offices {
		add("reviewer-"+string(office), "评审（Reviewer）·"+nameOf(p, office), Grant{Role: domain.Reviewer, Department: office})
		add("approver-"+string(office), "审批（Approver）·"+nameOf(p, office), Grant{Role: domain.Approver, Department: office})
	}
	add("treasurer", "财政支付（Treasurer）", Grant{Role: domain.Treasurer, Department: p.Treasury})
	add("authority", "区政府（Authority）", Grant{Role: domain.Authority, Department: p.Authority})
	add("auditor", "审计（Auditor）", Grant{Role: domain.Auditor})
	add("analyst", "分析（Analyst）", Grant{Role: domain.Analyst})
	add("admin", "管理员（Admin）", Grant{Role: domain.Admin})
	return list
}

// offices are as few departments of a policy as answer for every clause together, those with most clauses first.
func offices(p domain.Policy) []domain.DepartmentID {
	var list []domain.DepartmentID
	open := slices.Clone(p.Clauses)
	for {
		best, most := domain.DepartmentID(""), 0
		for _, d := range p.Departments {
			n := 0
			for _, c := range open {
				if slices.Contains(c.Departments, d.ID) {
					n++
				}
			}
			if n > most {
				best, most = d.ID, n
			}
		}
		if most == 0 {
			return list
		}
		list = append(list, best)
		open = slices.DeleteFunc(open, func(c domain.Clause) bool { return slices.Contains(c.Departments, best) })
	}
}

func nameOf(p domain.Policy, id domain.DepartmentID) string {
	for _, d := range p.Departments {
		if d.ID == id {
			return orElse(d.Name.ZH, d.Name.EN)
		}
	}
	return string(id)
}

// AddDemoUsers adds them, those whose names are taken left as they are. It returns those it added.
func AddDemoUsers(to accounts.Hand, list []DemoUser) ([]DemoUser, error) {
	var users []accounts.User
	var passwords []string
	var added []DemoUser
	for _, one := range list {
		if _, there := to.Find(one.User.ID); there {
			continue
		}
		users, passwords, added = append(users, one.User), append(passwords, one.Password), append(added, one)
	}
	if len(users) == 0 {
		return nil, nil
	}
	return added, to.AddAll(users, passwords)
}
