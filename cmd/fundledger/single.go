package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os/user"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/alecthomas/kong"
	"github.com/google/uuid"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/wire"
)

// singles are the single commands of the command line, each of which gives one command of the ledger.
var singles = []struct{ name, command, help string }{
	{"amend", "amend_clause", "Amend a clause's cap. / 修订条款上限"},
	{"register", "register_enterprise", "Register an enterprise. / 登记企业"},
	{"rename", "rename_enterprise", "Rename an enterprise. / 企业更名"},
	{"restrict-credit", "restrict_credit", "Restrict an enterprise's credit. / 限制信用"},
	{"restore-credit", "restore_credit", "Restore an enterprise's credit. / 恢复信用"},
	{"admit", "admit_beneficiary", "Admit a beneficiary from outside the scope. / 批准支持对象"},
	{"submit", "submit_application", "Submit an application. / 提交申请"},
	{"accept", "accept_application", "Accept an application. / 受理申请"},
	{"return", "return_application", "Return an application for completion. / 退回补正"},
	{"withdraw", "withdraw_application", "Withdraw an application. / 撤回申请"},
	{"suspend", "suspend_application", "Suspend an application. / 暂停申请"},
	{"resume", "resume_application", "Resume an application. / 恢复办理"},
	{"review", "record_review", "Record a review. / 记录评审"},
	{"approve", "approve_application", "Approve an application. / 批准"},
	{"reject", "reject_application", "Reject an application. / 不予支持"},
	{"reduce", "reduce_approval", "Reduce an approval. / 核减批准额"},
	{"release", "release_approval", "Release the unpaid rest of an approval. / 释放未付余额"},
	{"grant", "grant_exception", "Grant an exception. / 授予更大力度支持"},
	{"revoke", "revoke_exception", "Revoke the unused part of an exception. / 撤销例外"},
	{"pay", "make_payout", "Make a payout. / 支付"},
	{"book", "book_payout", "Book a payout that has already been made. / 补记支付"},
	{"book-recovery", "book_recovery", "Book a recovery that has already come in. / 补记收回"},
	{"return-payout", "return_payout", "Record that the bank returned a payout. / 银行退回"},
	{"clawback", "order_clawback", "Order a clawback. / 追回"},
	{"waive", "waive_clawback", "Waive a clawback. / 免除追回"},
	{"recover", "receive_recovery", "Record a recovery. / 收回款项"},
	{"reverse", "reverse_recovery", "Reverse a recovery. / 冲销收回"},
	{"appropriate", "set_appropriation", "Set an appropriation. / 设定预算"},
	{"dispose", "dispose_finding", "Record what an auditor makes of a finding. / 处置审计发现"},
	{"treasury-payment", "record_treasury_payment", "Record a line of a payment file of the treasury. / 记录国库支付文件的一行"},
	{"void-treasury-payment", "void_treasury_payment", "Void a line that was recorded by mistake. / 作废误录的一行"},
}

// who is the flags that every single command has.
type who struct {
	ID         string `help:"The command's id; the same id gives the same outcome. Left out: a new one." placeholder:"ID"`
	Date       string `help:"The business date. Left out: today in Shanghai. / 业务日期" placeholder:"YYYY-MM-DD"`
	Actor      string `help:"Who acts. Left out: the user of this machine. / 经办人" env:"FUNDLEDGER_ACTOR" placeholder:"NAME"`
	Role       string `help:"The role. Left out: the first that may give the command. / 角色" env:"FUNDLEDGER_ROLE" placeholder:"ROLE"`
	Department string `help:"The department. / 部门" env:"FUNDLEDGER_DEPARTMENT" placeholder:"ID"`
}

// singleCommands adds the single commands to the command line. Their flags are the fields of the ledger's commands, so a new
// command is a line above.
func singleCommands() kong.Option {
	options := make([]kong.Option, 0, len(singles))
	for _, single := range singles {
		command, _ := wire.NewCommand(single.command)
		flags := reflect.New(flagsOf(reflect.TypeOf(command).Elem())).Interface()
		options = append(options, kong.DynamicCommand(single.name, single.help, "One command each / 单条指令:", flags))
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

// flagsOf is a struct of flags for the fields of a command.
func flagsOf(command reflect.Type) reflect.Type {
	fields := []reflect.StructField{{Name: "Who", Type: reflect.TypeFor[who](), Tag: `embed:""`}}
	for _, field := range members(command) {
		name, optional := jsonName(field)
		tag := fmt.Sprintf(`name:"%s" placeholder:"%s"`, flagName(name), placeholder(field.Type))
		kind := reflect.TypeFor[string]()
		switch field.Type.Kind() {
		case reflect.Bool:
			kind, optional = reflect.TypeFor[bool](), true
		case reflect.Slice:
			kind = reflect.TypeFor[[]string]()
		}
		if !optional && field.Type != reflect.TypeFor[domain.NewCap]() {
			tag += ` required:""`
		}
		fields = append(fields, reflect.StructField{Name: field.Name, Type: kind, Tag: reflect.StructTag(tag + ` help:"` + name + `"`)})
	}
	return reflect.StructOf(fields)
}

// flagName is the flag of a field. An appropriation's department is not the actor's.
func flagName(field string) string {
	if field == "department" {
		return "for-department"
	}
	return strings.ReplaceAll(field, "_", "-")
}

// members are a command's own fields: all but its head.
func members(command reflect.Type) []reflect.StructField {
	var own []reflect.StructField
	for i := range command.NumField() {
		if f := command.Field(i); !f.Anonymous {
			own = append(own, f)
		}
	}
	return own
}

func jsonName(f reflect.StructField) (name string, optional bool) {
	name, rest, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name, rest != ""
}

func placeholder(t reflect.Type) string {
	switch t {
	case reflect.TypeFor[domain.Money](), reflect.TypeFor[domain.NewCap]():
		return "AMOUNT"
	case reflect.TypeFor[domain.Date]():
		return "YYYY-MM-DD"
	case reflect.TypeFor[domain.SupportYear](), reflect.TypeFor[int]():
		return "YEAR"
	case reflect.TypeFor[[]domain.Instalment]():
		return "YEAR=AMOUNT"
	case reflect.TypeFor[[]domain.Attachment]():
		return "NAME=SHA256"
	}
	return "TEXT"
}

// oneCommand is a single command as it was given.
type oneCommand struct {
	command string
	flags   reflect.Value
}

// singleCommand finds out whether a single command was given.
func singleCommand(parsed *kong.Context) (oneCommand, bool) {
	node := parsed.Selected()
	if node == nil {
		return oneCommand{}, false
	}
	i := slices.IndexFunc(singles, func(s struct{ name, command, help string }) bool { return s.name == node.Name })
	if i < 0 || node.Parent == nil || node.Parent.Parent != nil {
		return oneCommand{}, false
	}
	return oneCommand{command: singles[i].command, flags: node.Target}, true
}

// run gives the command to the ledger and says what became of it.
func (o oneCommand) run(ctx context.Context, s *Settings) error {
	text, err := o.text(s.Server != "")
	if err != nil {
		return usageError{err}
	}
	command, refusal := wire.DecodeCommand(text)
	if refusal != nil {
		return usageError{fmt.Errorf("%s (%s)", refusal.Message().In(s.lang()), refusal.Code)}
	}
	return s.give(ctx, command, purpose{})
}

// text is the command as JSON, so that a command line is read by the same strict rules as a file. Over HTTP whoever gives it is the
// token's user, in the first grant that fits where no role is named.
func (o oneCommand) text(remote bool) ([]byte, error) {
	by := o.flags.Field(0).Interface().(who)
	if remote {
		by.Actor = ""
	} else if by.Actor == "" {
		if u, err := user.Current(); err == nil {
			by.Actor = u.Username
		}
	}
	if roles := domain.RolesFor(o.command); by.Role == "" && len(roles) > 0 && !remote {
		by.Role = string(roles[0])
	}
	if by.Date == "" {
		by.Date = today().String()
	}
	if by.ID == "" {
		by.ID = uuid.NewString()
	}
	body := map[string]any{"command": o.command, "id": by.ID, "date": by.Date,
		"actor": map[string]string{"id": by.Actor, "role": by.Role, "department": by.Department}}
	command, _ := wire.NewCommand(o.command)
	for i, field := range members(reflect.TypeOf(command).Elem()) {
		name, _ := jsonName(field)
		value, given, err := member(field.Type, o.flags.Field(i+1))
		if err != nil {
			return nil, fmt.Errorf("--%s: %w", flagName(name), err)
		}
		if given {
			body[name] = value
		}
	}
	return json.Marshal(body)
}

// member is the JSON value of a flag.
func member(t reflect.Type, flag reflect.Value) (value any, given bool, err error) {
	switch flag.Kind() {
	case reflect.Bool:
		return flag.Bool(), true, nil
	case reflect.Slice:
		parts, err := pairs(t, flag.Interface().([]string))
		return parts, len(parts) > 0, err
	}
	text := flag.String()
	switch {
	case text == "":
		return nil, false, nil
	case t == reflect.TypeFor[domain.NewCap]() && text == "none":
		return nil, true, nil
	case t.Kind() == reflect.Uint16 || t.Kind() == reflect.Int:
		number, err := strconv.Atoi(text)
		if err != nil {
			return nil, false, fmt.Errorf("%q is not a whole number", text)
		}
		return number, true, nil
	}
	return text, true, nil
}

// pairs are the parts of a list flag: YEAR=AMOUNT for instalments, NAME=SHA256 for attachments.
func pairs(t reflect.Type, texts []string) ([]any, error) {
	list := make([]any, len(texts))
	for i, text := range texts {
		left, right, ok := strings.Cut(text, "=")
		if !ok {
			return nil, fmt.Errorf("%q is written like %s", text, placeholder(t))
		}
		if t == reflect.TypeFor[[]domain.Attachment]() {
			list[i] = map[string]any{"name": left, "sha256": right}
			continue
		}
		year, err := strconv.Atoi(left)
		if err != nil {
			return nil, fmt.Errorf("%q is written like 2025=1000000.00", text)
		}
		list[i] = map[string]any{"support_year": year, "amount": right}
	}
	return list, nil
}
