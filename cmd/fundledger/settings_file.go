package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/alecthomas/kong"
	"github.com/goccy/go-yaml"
)

// settingsFile answers for the flags that neither the command line nor the environment set: from the file that --config names, and
// a secret from the file that its variable's name with _FILE behind it names. What has a variable is a setting and may stand in the
// file, under its flag's name; what else a command is told belongs to that one command.
type settingsFile struct {
	read   bool
	path   string
	values map[string]any
}

const configFlag = "config"

// Resolve gives a flag's value, nil where nothing is said.
func (f *settingsFile) Resolve(ctx *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	for _, name := range flag.Tag.Envs {
		_, said := os.LookupEnv(name)
		file, inFile := os.LookupEnv(name + "_FILE")
		switch {
		case inFile && flag.Tag.Has("secret") && said:
			return nil, fmt.Errorf("both %s and %s_FILE are set: set one", name, name)
		case inFile && flag.Tag.Has("secret"):
			text, err := os.ReadFile(file)
			if err != nil {
				return nil, fmt.Errorf("reading %s_FILE: %w", name, err)
			}
			secret := strings.TrimRight(string(text), "\r\n")
			if secret == "" {
				return nil, fmt.Errorf("%s_FILE: %s is empty", name, file)
			}
			return secret, nil
		case said:
			return nil, nil
		}
	}
	if err := f.load(ctx); err != nil || len(flag.Tag.Envs) == 0 || flag.Name == configFlag {
		return nil, err
	}
	value, ok := f.values[flag.Name]
	if !ok {
		return nil, nil
	}
	switch value := value.(type) {
	case bool, []any:
		return value, nil
	case nil, map[string]any:
		return nil, fmt.Errorf("%s: %s has no value that a flag could have", f.path, flag.Name)
	default:
		return fmt.Sprint(value), nil
	}
}

// load reads the file, once.
func (f *settingsFile) load(ctx *kong.Context) error {
	if f.read {
		return nil
	}
	f.read = true
	for _, flag := range ctx.Model.Flags {
		if flag.Name == configFlag {
			f.path, _ = ctx.FlagValue(flag).(string)
		}
	}
	if f.path == "" {
		return nil
	}
	text, err := os.ReadFile(f.path)
	if err != nil {
		return fmt.Errorf("reading the settings: %w", err)
	}
	if err := yaml.Unmarshal(text, &f.values); err != nil {
		return fmt.Errorf("reading the settings in %s: %w", f.path, err)
	}
	return nil
}

// Validate refuses names that no setting has: a misspelt one would be a setting that is not made.
func (f *settingsFile) Validate(app *kong.Application) error {
	known := map[string]bool{}
	_ = kong.Visit(app, func(node kong.Visitable, next kong.Next) error {
		if flag, ok := node.(*kong.Flag); ok && len(flag.Tag.Envs) > 0 && flag.Name != configFlag {
			known[flag.Name] = true
		}
		return next(nil)
	})
	for name := range f.values {
		if !known[name] {
			return fmt.Errorf("%s: there is no setting %s; \"fundledger serve --help\" names them", f.path, name)
		}
	}
	return nil
}
