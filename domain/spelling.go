package domain

import (
	"crypto/sha256"
	"encoding/binary"
	"iter"
	"reflect"
	"strings"
	"sync"
)

// A command may spell an identifier otherwise than the fund knows it: `p 1` for the project P1. It is understood as the
// spelling that the fund knew first, events are charged to that, and what was written stays beside it (R16). A spelling that
// the fund knows exactly is itself: a log of the first edition may hold two spellings of one key, which stay two things.

// nameKind says what a name is of.
type nameKind uint8

const (
	nameEnterprise nameKind = iota + 1
	nameApplication
	namePayout
	nameClawback
	nameRecovery
	nameException
	nameProject
	nameAward
	nameDepartment
	nameSubject // of an exception: what the clause limits
	nameOffer
	nameLink
	nameEvaluation
	nameRectification

	skeletonOf nameKind = 1 << 7 // with the kind of the names it is of
)

// spelling is a name that the fund knows.
type spelling struct {
	kind nameKind
	text string
}

// nameSlot is where a name is kept: half a digest of its kind and form, or a slot behind that is free.
type nameSlot uint64

func slotOf(kind nameKind, form string) nameSlot {
	digest := sha256.Sum256(append([]byte{byte(kind)}, form...))
	return nameSlot(binary.BigEndian.Uint64(digest[:8]))
}

// named lists the names of a kind whose form is as given, in the order in which the fund came to know them.
func (s *State) named(kind nameKind, form string) iter.Seq[string] {
	formOf := Key[string]
	if kind&skeletonOf != 0 {
		formOf = Skeleton
	}
	return func(yield func(string) bool) {
		for slot := slotOf(kind, form); ; slot++ {
			n, ok := s.names.find(slot)
			if !ok || n.kind == kind && formOf(n.text) == form && !yield(n.text) {
				return
			}
		}
	}
}

// remember keeps a name under a form.
func (s *State) remember(kind nameKind, form, text string) {
	slot := slotOf(kind, form)
	for s.names.has(slot) {
		slot++
	}
	s.names.put(slot, spelling{kind, text})
}

// learn makes a spelling known, where it is not yet.
func (s *State) learn(kind nameKind, text string) {
	key := Key(text)
	for known := range s.named(kind, key) {
		if known == text {
			return
		}
	}
	s.remember(kind, key, text)
	if kind == nameProject || kind == nameAward {
		s.remember(kind|skeletonOf, Skeleton(text), text)
	}
}

// learnSubject makes a project or an award known that something is charged to, and the project that was named beside.
func (s *State) learnSubject(of Subject, project string) {
	switch of.Kind {
	case SubjectProject:
		s.learn(nameProject, of.ID)
	case SubjectAward:
		s.learn(nameAward, of.ID)
	}
	if project != "" && project != of.ID {
		s.learn(nameProject, project)
	}
}

// spelled is how the fund spells a name: as it is written, where that is known; else as the first of its key.
func (s *State) spelled(kind nameKind, text string) string {
	if text == "" || s.knowsExactly(kind, text) {
		return text
	}
	if kind == nameDepartment {
		return s.departmentSpelled(text)
	}
	first := ""
	for known := range s.named(kind, Key(text)) {
		if known == text {
			return text
		}
		if first == "" {
			first = known
		}
	}
	if first != "" {
		return first
	}
	return text
}

// knowsExactly finds at once what most commands name: something that is there, spelled as it is.
func (s *State) knowsExactly(kind nameKind, text string) bool {
	switch kind {
	case nameEnterprise:
		return s.enterprises.has(EnterpriseID(text))
	case nameApplication:
		return s.applications.has(ApplicationID(text))
	case namePayout:
		return s.payouts.has(PayoutID(text))
	case nameClawback:
		return s.clawbacks.has(ClawbackID(text))
	case nameRecovery:
		return s.recoveries.has(RecoveryID(text))
	case nameException:
		return s.exceptions.has(ExceptionID(text))
	case nameOffer:
		return s.offers.has(OfferID(text))
	case nameLink:
		return s.links.has(LinkID(text))
	case nameEvaluation:
		return s.evaluations.has(EvaluationID(text))
	case nameRectification:
		return s.rectifications.has(RectificationID(text))
	case nameDepartment:
		return s.policy == nil || s.policy.HasDepartment(DepartmentID(text))
	}
	return false
}

func (s *State) departmentSpelled(text string) string {
	for _, d := range s.policy.Departments {
		if same(string(d.ID), text) {
			return string(d.ID)
		}
	}
	return text
}

// nameField is a field of a command that names something.
type nameField struct {
	name  string // on the wire; "actor.department" for the actor's
	index []int
	kind  nameKind
}

var nameKinds = map[reflect.Type]nameKind{
	reflect.TypeFor[EnterpriseID]():    nameEnterprise,
	reflect.TypeFor[ApplicationID]():   nameApplication,
	reflect.TypeFor[PayoutID]():        namePayout,
	reflect.TypeFor[ClawbackID]():      nameClawback,
	reflect.TypeFor[RecoveryID]():      nameRecovery,
	reflect.TypeFor[ExceptionID]():     nameException,
	reflect.TypeFor[DepartmentID]():    nameDepartment,
	reflect.TypeFor[OfferID]():         nameOffer,
	reflect.TypeFor[LinkID]():          nameLink,
	reflect.TypeFor[EvaluationID]():    nameEvaluation,
	reflect.TypeFor[RectificationID](): nameRectification,
}

var plainNames = map[string]nameKind{"Project": nameProject, "A": nameProject, "B": nameProject, "Award": nameAward, "Subject": nameSubject}

var nameFields sync.Map // of a command's type: its []nameField

// namesIn lists the fields of a command's type that name something.
func namesIn(of reflect.Type) []nameField {
	if known, ok := nameFields.Load(of); ok {
		return known.([]nameField)
	}
	var list []nameField
	for _, f := range reflect.VisibleFields(of) {
		kind, typed := nameKinds[f.Type]
		if !typed && f.Type.Kind() == reflect.String {
			kind = plainNames[f.Name]
		}
		if kind != 0 {
			list = append(list, nameField{wireName(f), f.Index, kind})
		}
	}
	actor, _ := of.FieldByName("Actor")
	department, _ := actor.Type.FieldByName("Department")
	list = append(list, nameField{"actor.department", append(actor.Index, department.Index...), nameDepartment})
	nameFields.Store(of, list)
	return list
}

func wireName(f reflect.StructField) string {
	tag, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return tag
}

// Understand gives a command with its identifiers as the fund spells them, and what was written otherwise, by field; the
// command itself, and nil, where it is spelled so.
func (s *State) Understand(c Command) (Command, map[string]string) {
	v := reflect.ValueOf(c).Elem()
	var changed reflect.Value
	var written map[string]string
	for _, f := range namesIn(v.Type()) {
		text := v.FieldByIndex(f.index).String()
		if text == "" {
			continue
		}
		kind := f.kind
		if kind == nameSubject {
			kind = s.subjectKind(c)
		}
		known := s.spelled(kind, text)
		if known == text {
			continue
		}
		if written == nil {
			written, changed = map[string]string{}, copied(v)
		}
		written[f.name] = text
		changed.FieldByIndex(f.index).SetString(known)
	}
	if written == nil {
		return c, nil
	}
	return changed.Addr().Interface().(Command), written
}

func copied(v reflect.Value) reflect.Value {
	other := reflect.New(v.Type()).Elem()
	other.Set(v)
	return other
}

// subjectKind says what the subject of an exception's command names.
func (s *State) subjectKind(c Command) nameKind {
	var clause ClauseID
	switch c := c.(type) {
	case *GrantException:
		clause = c.Clause
	case *RevokeException:
		clause = s.exceptions.get(ExceptionID(s.spelled(nameException, string(c.Exception)))).account.Clause
	}
	switch s.clauses.get(clause).clause.Cap.Subject {
	case SubjectEnterprise:
		return nameEnterprise
	case SubjectAward:
		return nameAward
	}
	return nameProject
}

// AsWritten puts what was written into a command as it was understood: [State.Understand] the other way round. A field that the
// command does not have is left alone.
func AsWritten(c Command, written map[string]string) Command {
	if len(written) == 0 {
		return c
	}
	v := copied(reflect.ValueOf(c).Elem())
	for _, f := range namesIn(v.Type()) {
		if text, ok := written[f.name]; ok {
			v.FieldByIndex(f.index).SetString(text)
		}
	}
	return v.Addr().Interface().(Command)
}
