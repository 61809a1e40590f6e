package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/user"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/alecthomas/kong"
	"github.com/google/uuid"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/web"
	"github.com/fundledger/fundledger/wire"
)

// who is the flags that every single command has.
type who struct {
	ID         string `help:"The command's id; the same id gives the same outcome. Left out: a new one. / 指令编号；相同编号得到相同结果；缺省为新编号" placeholder:"ID"`
	Date       string `help:"The business date. Left out: today in Shanghai. / 业务日期；缺省为上海的今日" placeholder:"YYYY-MM-DD"`
	Actor      string `help:"Who acts. Left out: the user of this machine. / 经办人；缺省为本机用户" env:"FUNDLEDGER_ACTOR" placeholder:"NAME"`
	Role       string `help:"The role. Left out: the first that may give the command. / 角色；缺省为可发该指令的第一个角色" env:"FUNDLEDGER_ROLE" placeholder:"ROLE"`
	Department string `help:"The department. / 经办部门的代号" env:"FUNDLEDGER_DEPARTMENT" placeholder:"ID"`
}

// singleCommands adds a command to the command line for each of the verbs that has a name there. Its flags are the verb's fields.
func singleCommands(verbs []domain.Verb) kong.Option {
	var options []kong.Option
	for _, verb := range verbs {
		if verb.Local {
			continue
		}
		if verb.Short == "" {
			continue
		}
		flags := reflect.New(flagsOf(verb)).Interface()
		options = append(options, kong.DynamicCommand(verb.Short, bilingual(verb.Help), "One command each / 单条指令：", flags))
	}
	return kong.OptionFunc(func(k *kong.Kong) error {
		for _, option := range options {
			if err := option.Apply(k); err != nil {
				return err
			}
		}
		return nil
	})
}

func bilingual(t domain.Text) string { return t.EN + " / " + t.ZH }

// flagsOf is a struct of flags for the fields of a verb, which is what kong takes: the flags of all, then one for each field.
func flagsOf(verb domain.Verb) reflect.Type {
	flags := []reflect.StructField{{Name: "Who", Type: reflect.TypeFor[who](), Tag: `embed:""`}}
	for i, field := range verb.Fields {
		if field.Kind == domain.PolicyField {
			continue
		}
		tag := fmt.Sprintf(`name:"%s" placeholder:"%s" help:"%s"`, flagName(field.Name), placeholders[field.Kind], bilingual(field.Label))
		kind := reflect.TypeFor[string]()
		switch field.Kind {
		case domain.FlagField:
			kind = reflect.TypeFor[bool]()
		case domain.InstalmentsField, domain.RepaymentsField, domain.ScoresField, domain.AttachmentsField, domain.NamesField:
			kind = reflect.TypeFor[[]string]()
		}
		if len(field.Choices) > 0 {
			tag += fmt.Sprintf(` choices:"%s"`, strings.Join(field.Choices, ","))
		}
		if !field.Optional && field.Kind != domain.FlagField {
			tag += ` required:""`
		}
		flags = append(flags, reflect.StructField{Name: fmt.Sprintf("Field%d", i), Type: kind, Tag: reflect.StructTag(tag)})
		if field.Kind == domain.AttachmentsField {
			flags = append(flags, reflect.StructField{Name: attachFlag, Type: kind, Tag: `name:"attach" type:"existingfile" placeholder:"FILE" ` +
				`help:"Files to attach: their contents are kept before the command is given. / 要附上的文件：先保存内容，再提交指令"`})
		}
	}
	return reflect.StructOf(flags)
}

// placeholders are how the value of a flag is written.
var placeholders = map[domain.FieldKind]string{domain.TextField: "TEXT", domain.LongField: "TEXT", domain.AmountField: "AMOUNT",
	domain.CapField: "AMOUNT", domain.DateField: "YYYY-MM-DD", domain.YearField: "YEAR", domain.NumberField: "NUMBER",
	domain.FlagField: "", domain.ChoiceField: "TEXT", domain.InstalmentsField: "YEAR=AMOUNT", domain.RepaymentsField: "YYYY-MM-DD=AMOUNT", domain.ScoresField: "INDICATOR=SCORE", domain.AttachmentsField: "NAME=SHA256",
	domain.NamesField: "NAME"}

// flagName is the flag of a field. An appropriation's department is not the actor's.
func flagName(field string) string {
	if field == "department" {
		return "for-department"
	}
	return strings.ReplaceAll(field, "_", "-")
}

// oneCommand is a single command as it was given.
type oneCommand struct {
	verb  domain.Verb
	flags reflect.Value
}

// singleCommand finds out whether a single command was given.
func singleCommand(parsed *kong.Context) (oneCommand, bool) {
	node := parsed.Selected()
	if node == nil || node.Parent == nil || node.Parent.Parent != nil {
		return oneCommand{}, false
	}
	i := slices.IndexFunc(domain.Verbs, func(v domain.Verb) bool { return v.Short != "" && v.Short == node.Name })
	if i < 0 {
		return oneCommand{}, false
	}
	return oneCommand{domain.Verbs[i], node.Target}, true
}

// run gives the command to the ledger and says what became of it.
func (o oneCommand) run(ctx context.Context, s *Settings) error {
	command, refusal := o.command(s.Server != "", s.clock.today())
	if refusal != nil {
		return usageError{fmt.Errorf("%s (%s)%s", refusal.Message().In(s.lang()), refusal.Code, o.flagOf(refusal.Figures["field"], s.lang()))}
	}
	var contents []fileContent
	if submit, attaches := command.(*domain.SubmitApplication); attaches {
		var err error
		if contents, err = s.attachFiles(submit, o.flags.FieldByName(attachFlag).Interface().([]string)); err != nil {
			return err
		}
	}
	return s.give(ctx, command, purpose{}, contents...)
}

// attachFlag is the field of the flag that names files.
const attachFlag = "Attach"

// fileContent is what is in a file, and its SHA-256.
type fileContent struct {
	content []byte
	hash    string
}

// attachFiles reads files, and has a submission name them.
func (s *Settings) attachFiles(c *domain.SubmitApplication, files []string) (contents []fileContent, err error) {
	most := web.Config{}.WithDefaults().FileBytes
	if s.Server != "" {
		most = eventstore.MaxFileBytes // the service has a bound of its own
	}
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			return nil, usageError{err}
		}
		one := fileContent{}
		one.content, one.hash, err = eventstore.ReadFile(f, most, "")
		switch err := errors.Join(err, f.Close()); {
		case errors.Is(err, eventstore.ErrEmpty):
			return nil, usageError{fmt.Errorf(s.say("文件 %s 是空的", "the file %s is empty"), name)}
		case errors.Is(err, eventstore.ErrTooLong):
			return nil, usageError{fmt.Errorf(s.say("文件 %s 过大：最多 %d MiB", "the file %s is too large: %d MiB are the most"), name, most>>20)}
		case err != nil:
			return nil, usageError{err}
		}
		if c.Attach(domain.Attachment{Name: web.FileName(name), SHA256: one.hash}) {
			contents = append(contents, one)
		}
	}
	return contents, nil
}

// flagOf is the flag of a field with what it is called, on a line of its own; nothing of what is no field of the command.
func (o oneCommand) flagOf(field, lang string) string {
	for _, f := range o.verb.Fields {
		if name, _, _ := strings.Cut(field, "."); f.Name == name {
			return "\n  --" + flagName(f.Name) + "  " + f.Label.In(lang)
		}
	}
	return ""
}

// command is what the flags say, each written into the field of its name. Over HTTP whoever gives it is the token's user, in the first
// grant that fits where no role is named.
func (o oneCommand) command(remote bool, today domain.Date) (domain.Command, *domain.Refusal) {
	by := o.flags.Field(0).Interface().(who)
	if remote {
		by.Actor = ""
	} else if by.Actor == "" {
		if u, err := user.Current(); err == nil {
			by.Actor = u.Username
		}
	}
	if by.Role == "" && !remote {
		by.Role = string(o.verb.Roles[0])
	}
	command, refusal := wire.Begin(o.verb.Name, cmp.Or(by.ID, uuid.NewString()), cmp.Or(by.Date, today.String()))
	if refusal != nil {
		return nil, refusal
	}
	domain.HeadOf(command).Actor = domain.Actor{ID: domain.PersonID(by.Actor), Role: domain.Role(by.Role), Department: domain.DepartmentID(by.Department)}
	for i, field := range o.verb.Fields {
		var texts []string
		switch flag := o.flags.FieldByName(fmt.Sprintf("Field%d", i)); flag.Kind() {
		case reflect.Invalid: // a part of a policy comes as JSON
		case reflect.Bool:
			texts = []string{strconv.FormatBool(flag.Bool())}
		case reflect.Slice:
			texts = flag.Interface().([]string)
		default:
			texts = []string{flag.String()}
		}
		if len(texts) == 0 || texts[0] == "" {
			continue
		}
		if refusal := wire.Fill(command, field.Name, texts...); refusal != nil {
			return nil, refusal
		}
	}
	return command, nil
}
