package pages

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"text/template/parse"
)

// A checker says what a template would fail with, in every branch, on data of a type. html/template says so of the
// branches that it takes, when it takes them. What has no type of its own (a member of an any) is a fault too: nothing
// could be said of it.
type checker struct {
	trees  map[string]*parse.Tree
	funcs  map[string]reflect.Type // nil: one of the language's own
	seen   map[string]bool         // a template on a type
	used   map[string]bool         // functions and templates that were come across
	faults []string
}

// scope is where the checker is: what dot is, and the variables.
type scope struct {
	tree *parse.Tree
	dot  reflect.Type // nil: there is none
	vars map[string]reflect.Type
}

func (s scope) with(dot reflect.Type) scope {
	return scope{s.tree, dot, maps.Clone(s.vars)}
}

var (
	anyType    = reflect.TypeFor[any]()
	boolType   = reflect.TypeFor[bool]()
	intType    = reflect.TypeFor[int]()
	stringType = reflect.TypeFor[string]()
)

// check checks a template, and those that it calls, on data of a type.
func (c *checker) check(name string, data reflect.Type) {
	key := fmt.Sprint(name, " on ", data)
	if c.seen[key] {
		return
	}
	c.seen[key] = true
	tree := c.trees[name]
	if tree == nil {
		c.faults = append(c.faults, "there is no template "+name)
		return
	}
	c.list(scope{tree, data, map[string]reflect.Type{"$": data}}, tree.Root)
}

func (c *checker) fault(s scope, n parse.Node, format string, args ...any) {
	where, what := s.tree.ErrorContext(n)
	c.faults = append(c.faults, fmt.Sprintf("%s: %s: %s", where, what, fmt.Sprintf(format, args...)))
}

// list checks nodes one after another; what a node declares holds for those after it.
func (c *checker) list(s scope, l *parse.ListNode) {
	if l == nil {
		return
	}
	for _, n := range l.Nodes {
		switch n := n.(type) {
		case *parse.TextNode, *parse.CommentNode, *parse.BreakNode, *parse.ContinueNode:
		case *parse.ActionNode:
			c.pipe(s, n.Pipe)
		case *parse.IfNode:
			in := s.with(s.dot)
			c.pipe(in, n.Pipe)
			c.list(in.with(s.dot), n.List)
			c.list(in.with(s.dot), n.ElseList)
		case *parse.WithNode:
			in := s.with(s.dot)
			dot := c.pipe(in, n.Pipe)
			c.list(in.with(dot), n.List)
			c.list(in.with(s.dot), n.ElseList)
		case *parse.RangeNode:
			c.loop(s, n)
		case *parse.TemplateNode:
			c.used["template "+n.Name] = true
			var data reflect.Type
			if n.Pipe != nil {
				data = c.pipe(s, n.Pipe)
			}
			c.check(n.Name, data)
		default:
			c.fault(s, n, "the checker does not know %T", n)
		}
	}
}

func (c *checker) loop(s scope, n *parse.RangeNode) {
	in := s.with(s.dot)
	over := indirect(c.value(in, n.Pipe))
	key, elem := intType, reflect.Type(nil)
	switch {
	case over == nil:
	case over.Kind() == reflect.Slice || over.Kind() == reflect.Array:
		elem = over.Elem()
	case over.Kind() == reflect.Map:
		key, elem = over.Key(), over.Elem()
	default:
		c.fault(s, n, "range over %v", over)
	}
	switch names := n.Pipe.Decl; len(names) {
	case 1:
		in.vars[names[0].Ident[0]] = elem
	case 2:
		in.vars[names[0].Ident[0]], in.vars[names[1].Ident[0]] = key, elem
	}
	c.list(in.with(elem), n.List)
	c.list(s.with(s.dot), n.ElseList)
}

// pipe is the type of a pipeline, whose variables are declared.
func (c *checker) pipe(s scope, p *parse.PipeNode) reflect.Type {
	t := c.value(s, p)
	for _, v := range p.Decl {
		s.vars[v.Ident[0]] = t
	}
	return t
}

// value is the type of a pipeline.
func (c *checker) value(s scope, p *parse.PipeNode) reflect.Type {
	var t reflect.Type
	for i, command := range p.Cmds {
		var piped []reflect.Type
		if i > 0 {
			piped = []reflect.Type{t}
		}
		t = c.command(s, command, piped)
	}
	return t
}

func (c *checker) command(s scope, n *parse.CommandNode, piped []reflect.Type) reflect.Type {
	given := func() []reflect.Type {
		var types []reflect.Type
		for _, a := range n.Args[1:] {
			types = append(types, c.operand(s, a))
		}
		return append(types, piped...)
	}
	switch first := n.Args[0].(type) {
	case *parse.IdentifierNode:
		c.used["function "+first.Ident] = true
		if f := c.funcs[first.Ident]; f != nil {
			return c.call(s, n, first.Ident, f, given())
		}
		return c.builtin(s, n, first.Ident, given())
	case *parse.FieldNode:
		return c.chain(s, n, s.dot, first.Ident, given())
	case *parse.VariableNode:
		return c.chain(s, n, c.variable(s, first), first.Ident[1:], given())
	case *parse.ChainNode:
		return c.chain(s, n, c.operand(s, first.Node), first.Field, given())
	}
	if len(given()) > 0 {
		c.fault(s, n, "arguments to what is no function")
	}
	return c.operand(s, n.Args[0])
}

func (c *checker) variable(s scope, n *parse.VariableNode) reflect.Type {
	t, ok := s.vars[n.Ident[0]]
	if !ok {
		c.fault(s, n, "there is no %s", n.Ident[0])
	}
	return t
}

// operand is the type of an argument.
func (c *checker) operand(s scope, n parse.Node) reflect.Type {
	switch n := n.(type) {
	case *parse.DotNode:
		return s.dot
	case *parse.StringNode:
		return stringType
	case *parse.NumberNode:
		return intType
	case *parse.BoolNode:
		return boolType
	case *parse.PipeNode:
		return c.value(s, n)
	case *parse.IdentifierNode, *parse.FieldNode, *parse.VariableNode, *parse.ChainNode:
		return c.command(s, &parse.CommandNode{NodeType: parse.NodeCommand, Pos: n.Position(), Args: []parse.Node{n}}, nil)
	}
	c.fault(s, n, "the checker does not know %T", n)
	return nil
}

// chain follows names from a value; what is given goes to the last one, which is a method then.
func (c *checker) chain(s scope, n parse.Node, from reflect.Type, names []string, given []reflect.Type) reflect.Type {
	for i, name := range names {
		if from == nil {
			c.fault(s, n, ".%s of nothing that has a type", name)
			return nil
		}
		last := i == len(names)-1
		if m, ok := from.MethodByName(name); ok {
			args := given
			if !last {
				args = nil
			}
			from = c.call(s, n, name, bound(from, m), args)
			continue
		}
		t := indirect(from)
		switch f, ok := fieldOf(t, name); {
		case ok && last && len(given) > 0:
			c.fault(s, n, "%v.%s is no method", from, name)
			return nil
		case ok:
			from = f
		default:
			c.fault(s, n, "%v has no %s", from, name)
			return nil
		}
	}
	if len(names) == 0 && len(given) > 0 {
		c.fault(s, n, "arguments to what is no function")
	}
	return from
}

// fieldOf is what a name is in a value of a type: a field that templates may read, or what a map has under it.
func fieldOf(t reflect.Type, name string) (reflect.Type, bool) {
	switch t.Kind() {
	case reflect.Struct:
		f, ok := t.FieldByName(name)
		return f.Type, ok && f.IsExported()
	case reflect.Map:
		if t.Key().Kind() == reflect.String {
			return t.Elem(), true
		}
	}
	return nil, false
}

// bound is a method's type without its receiver.
func bound(of reflect.Type, m reflect.Method) reflect.Type {
	if of.Kind() == reflect.Interface {
		return m.Type
	}
	var in, out []reflect.Type
	for i := 1; i < m.Type.NumIn(); i++ {
		in = append(in, m.Type.In(i))
	}
	for i := range m.Type.NumOut() {
		out = append(out, m.Type.Out(i))
	}
	return reflect.FuncOf(in, out, m.Type.IsVariadic())
}

func (c *checker) call(s scope, n parse.Node, name string, f reflect.Type, given []reflect.Type) reflect.Type {
	fixed := f.NumIn()
	if f.IsVariadic() {
		fixed--
	}
	if len(given) < fixed || len(given) > fixed && !f.IsVariadic() {
		c.fault(s, n, "%s takes %d values, and is given %d", name, fixed, len(given))
	}
	for i, t := range given {
		wanted := anyType
		if i < fixed {
			wanted = f.In(i)
		} else if f.IsVariadic() {
			wanted = f.In(fixed).Elem()
		}
		if !fits(t, wanted) {
			c.fault(s, n, "%s takes %v, and is given %v", name, wanted, t)
		}
	}
	return f.Out(0)
}

// fits reports whether templates take a value of one type for another: they follow and make pointers, and take a number
// as it is written for every kind of number.
func fits(t, wanted reflect.Type) bool {
	switch {
	case t == nil:
		return false
	case t.AssignableTo(wanted), reflect.PointerTo(t).AssignableTo(wanted):
		return true
	case t.Kind() == reflect.Pointer && t.Elem().AssignableTo(wanted):
		return true
	}
	return t == intType && wanted.Kind() >= reflect.Int && wanted.Kind() <= reflect.Float64
}

// builtin is the type of a call of one of the language's own functions.
func (c *checker) builtin(s scope, n parse.Node, name string, given []reflect.Type) reflect.Type {
	if slices.Contains(given, nil) {
		c.fault(s, n, "%s of nothing that has a type", name)
		return nil
	}
	switch name {
	case "and", "or", "not":
		return boolType // of what they are asked for here: whether, not which
	case "eq", "ne", "lt", "le", "gt", "ge":
		for _, t := range given[1:] {
			if basic(given[0]) == "" || basic(given[0]) != basic(t) {
				c.fault(s, n, "%s of %v and %v", name, given[0], t)
			}
		}
		return boolType
	case "len":
		switch indirect(given[0]).Kind() {
		case reflect.Slice, reflect.Array, reflect.Map, reflect.String:
		default:
			c.fault(s, n, "len of %v", given[0])
		}
		return intType
	case "index":
		return c.index(s, n, given)
	case "print", "printf":
		return stringType
	}
	c.fault(s, n, "the checker does not know %s", name)
	return nil
}

func (c *checker) index(s scope, n parse.Node, given []reflect.Type) reflect.Type {
	t := indirect(given[0])
	for _, key := range given[1:] {
		switch {
		case t.Kind() == reflect.Map && fits(key, t.Key()), t.Kind() == reflect.Slice && key.Kind() == reflect.Int:
			t = t.Elem()
		default:
			c.fault(s, n, "index %v of %v", key, t)
			return nil
		}
	}
	return t
}

// basic is what values are compared as; "": they cannot be.
func basic(t reflect.Type) string {
	switch k := t.Kind(); {
	case k == reflect.Bool, k == reflect.String:
		return k.String()
	case k >= reflect.Int && k <= reflect.Uintptr: // of two signs they are compared all the same
		return "integer"
	case k == reflect.Float32, k == reflect.Float64:
		return "float"
	}
	return ""
}

func indirect(t reflect.Type) reflect.Type {
	if t != nil && t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

// readTemplates parses templates without running them, with the names of functions.
func readTemplates(texts map[string]string, funcs map[string]any) (map[string]*parse.Tree, error) {
	trees := map[string]*parse.Tree{}
	known := map[string]any{}
	for _, name := range strings.Fields("and or not eq ne lt le gt ge len index print printf") {
		known[name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		if _, err := parse.New(name).Parse(texts[name], "", "", trees, funcs, known); err != nil {
			return nil, err
		}
	}
	return trees, nil
}
