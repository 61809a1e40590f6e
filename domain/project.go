package domain

import "slices"

// RegisterProject makes a project known by its id: what it is called, whose it is, where it lies. A project that is not registered goes on as it is (R16).
type RegisterProject struct {
	Head
	Project      string       `json:"project"`
	Title        string       `json:"name"`
	Enterprise   EnterpriseID `json:"enterprise"`
	Place        string       `json:"place,omitzero"`
	DistinctFrom []string     `json:"distinct_from,omitempty"` // the projects that it looks like and is not, for the reason given
	Reason       string       `json:"reason,omitzero"`
}

// ProjectRegistered says that a project is known.
type ProjectRegistered struct {
	Project      string       `json:"project"`
	Title        string       `json:"name"`
	Enterprise   EnterpriseID `json:"enterprise"`
	Place        string       `json:"place,omitzero"`
	DistinctFrom []string     `json:"distinct_from,omitempty"`
	Reason       string       `json:"reason,omitzero"`
}

// Name is "register_project".
func (RegisterProject) Name() string { return "register_project" }

// Name is "project_registered".
func (ProjectRegistered) Name() string { return "project_registered" }

// Entity is the project.
func (e ProjectRegistered) Entity() (string, string) { return "project", e.Project }

func (c *RegisterProject) about(*State) Concern { return Concern{Enterprise: c.Enterprise} }

func (c *RegisterProject) decide(s *State, _ Date) ([]Event, *Refusal) {
	if r := checkIDs("project", c.Project); r != nil {
		return nil, r
	}
	if s.projects.has(c.Project) {
		return nil, refuse(CodeProjectExists, "project", c.Project)
	}
	if r := checkName(c.Title); r != nil {
		return nil, r
	}
	if _, r := s.checkEnterprise(c.Enterprise); r != nil {
		return nil, r
	}
	for _, check := range []func() *Refusal{
		func() *Refusal { return s.checkNotMerged(c.Enterprise, c.Date) },
		func() *Refusal { return checkTexts("place", c.Place) },
		func() *Refusal {
			return s.checkNewName(Subject{SubjectProject, c.Project}, "", c.DistinctFrom, c.Reason)
		},
	} {
		if r := check(); r != nil {
			return nil, r
		}
	}
	return []Event{&ProjectRegistered{Project: c.Project, Title: c.Title, Enterprise: c.Enterprise, Place: c.Place, DistinctFrom: c.DistinctFrom, Reason: c.Reason}}, nil
}

func (e *ProjectRegistered) concerns() Concern { return Concern{Enterprise: e.Enterprise} }

func (e *ProjectRegistered) command(h Head) Command {
	return &RegisterProject{Head: h, Project: e.Project, Title: e.Title, Enterprise: e.Enterprise, Place: e.Place, DistinctFrom: e.DistinctFrom, Reason: e.Reason}
}

func (e *ProjectRegistered) describe() Text {
	return both("登记项目 %s“%s”", "project %s registered, “%s”", e.Project, e.Title)
}

func (e *ProjectRegistered) apply(s *State, _ Deed) {
	s.projects.put(e.Project, *e)
	s.learn(nameProject, e.Project)
}

// SameProject says on a document that two projects are one: from then on their accounts are held against one cap (R15, R16).
type SameProject struct {
	Head
	A        string `json:"a"`
	B        string `json:"b"`
	Document string `json:"document"`
}

// ProjectsJoined says that two projects are one.
type ProjectsJoined struct {
	A        string `json:"a"`
	B        string `json:"b"`
	Document string `json:"document"`
}

// Name is "same_project".
func (SameProject) Name() string { return "same_project" }

// Name is "projects_joined".
func (ProjectsJoined) Name() string { return "projects_joined" }

// Entity is the first of the two.
func (e ProjectsJoined) Entity() (string, string) { return "project", e.A }

func (c *SameProject) about(*State) Concern { return Concern{} }

func (c *SameProject) decide(s *State, _ Date) ([]Event, *Refusal) {
	if r := s.checkProject("a", c.A); r != nil {
		return nil, r
	}
	if r := s.checkProject("b", c.B); r != nil {
		return nil, r
	}
	if c.A == c.B {
		return nil, refuse(CodeProjectIsItself, "project", c.A)
	}
	if slices.Contains(s.joined(Subject{SubjectProject, c.A}), Subject{SubjectProject, c.B}) {
		return nil, refuse(CodeProjectsJoined, "project", c.A, "subject", c.B)
	}
	if r := checkDocument(c.Document); r != nil {
		return nil, r
	}
	return []Event{&ProjectsJoined{A: c.A, B: c.B, Document: c.Document}}, nil
}

func (e *ProjectsJoined) concerns() Concern { return Concern{} }

func (e *ProjectsJoined) command(h Head) Command {
	return &SameProject{Head: h, A: e.A, B: e.B, Document: e.Document}
}

func (e *ProjectsJoined) describe() Text {
	return both("项目 %s 与 %s 为同一项目，文号 %s", "the projects %s and %s are one, document %s", e.A, e.B, e.Document)
}

func (e *ProjectsJoined) apply(s *State, _ Deed) {
	s.join(Subject{SubjectProject, e.A}, Subject{SubjectProject, e.B})
}

// checkProject finds a project that is registered, or that something was applied for, granted or booked for.
func (s *State) checkProject(field, id string) *Refusal {
	if r := checkIDs(field, id); r != nil {
		return r
	}
	for known := range s.named(nameProject, Key(id)) {
		if known == id {
			return nil
		}
	}
	return refuse(CodeProjectUnknown, "project", id)
}

// JoinedWith are the other projects that are one with a project, in order.
func (s *State) JoinedWith(project string) (ids []string) {
	for _, of := range s.joined(Subject{Kind: SubjectProject, ID: project}) {
		ids = append(ids, of.ID)
	}
	return ids
}
