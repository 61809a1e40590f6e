package domain

import "slices"

// A new name that looks like one that the fund knows is more often a slip than a second project, and a slip would open a
// second account under the cap. It is refused once, naming the other (R16).

// checkNewName judges the project or award that a command may bring in, and what it says to be distinct from.
func (s *State) checkNewName(subject Subject, project string, distinctFrom []string, reason string) *Refusal {
	if len(distinctFrom) > maxDistinct {
		return refuse(CodeFieldInvalid, "field", "distinct_from", "value", len(distinctFrom), "reason", ReasonTooMany, "limit", maxDistinct)
	}
	for _, other := range distinctFrom {
		if r := checkIDs("distinct_from", other); r != nil {
			return r
		}
	}
	if r := checkTexts("reason", reason); r != nil {
		return r
	}
	if r := s.checkLook(subject, project, distinctFrom); r != nil {
		return r
	}
	if len(distinctFrom) > 0 && reason == "" {
		return refuse(CodeFieldMissing, "field", "reason")
	}
	return nil
}

const maxDistinct = 100

// checkLook refuses a name that the fund does not know and that looks like one it knows, those apart that it is distinct from.
func (s *State) checkLook(subject Subject, project string, distinctFrom []string) *Refusal {
	switch subject.Kind {
	case SubjectProject:
		return s.looksLike(nameProject, subject, distinctFrom)
	case SubjectAward:
		return s.looksLike(nameAward, subject, distinctFrom)
	}
	if project == "" {
		return nil
	}
	return s.looksLike(nameProject, Subject{SubjectProject, project}, distinctFrom)
}

func (s *State) looksLike(kind nameKind, of Subject, distinctFrom []string) *Refusal {
	for range s.named(kind, Key(of.ID)) {
		return nil // it is known, whatever it looks like
	}
	for other := range s.named(kind|skeletonOf, Skeleton(of.ID)) {
		if !slices.ContainsFunc(distinctFrom, func(d string) bool { return same(d, other) }) {
			return refuse(CodeLooksLike, "subject_kind", of.Kind, "name", of.ID, "like", other)
		}
	}
	return nil
}
