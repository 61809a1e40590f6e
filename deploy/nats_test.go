package deploy

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"go.uber.org/goleak"

	"github.com/fundledger/fundledger/eventstore"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		// The NATS server keeps its store's I/O gate for the life of the process.
		goleak.IgnoreTopFunction("github.com/nats-io/nats-server/v2/server.init.0.func1"))
}

func TestEveryAcknowledgedEventIsOnDisk(t *testing.T) {
	setEnvironment(t, passwords["route"], []int{1})
	t.Setenv("NATS_NAME", "any")
	opts, err := server.ProcessConfigFile(filepath.Join("nats", "server.conf"))
	if err != nil {
		t.Fatal(err)
	}
	if !opts.JetStream || !opts.SyncAlways {
		t.Errorf("JetStream %v, sync always %v: both are needed", opts.JetStream, opts.SyncAlways)
	}
	if opts.MaxPayload != eventstore.DefaultMaxPayload {
		t.Errorf("max_payload is %d, the log's is %d", opts.MaxPayload, eventstore.DefaultMaxPayload)
	}
	if opts.HTTPHost != "127.0.0.1" {
		t.Errorf("the monitoring port listens on %s", opts.HTTPHost)
	}
}

func TestMissingSecretsStopTheServer(t *testing.T) {
	setEnvironment(t, passwords["route"], []int{1})
	t.Setenv("NATS_NAME", "any")
	for _, name := range []string{
		"NATS_NAME", "NATS_ROUTES", "NATS_ROUTE_PASSWORD", "NATS_SERVICE_PASSWORD", "NATS_OPERATOR_PASSWORD", "NATS_ANALYST_PASSWORD",
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(name, "") // restores it
			if err := os.Unsetenv(name); err != nil {
				t.Fatal(err)
			}
			if _, err := server.ProcessConfigFile(filepath.Join("nats", "server.conf")); err == nil {
				t.Error("the configuration loads without it")
			}
		})
	}
}

// The service, as it works: all that the log needs of the server is permitted, on three nodes.
func TestTheServiceKeepsItsLog(t *testing.T) {
	nodes := cluster(t)
	log := openLog(t, nodes)
	last, err := log.Append(deadline(t), 0, []eventstore.Draft{event(1)})
	if err != nil || last != 1 {
		t.Fatalf("appending one: %d, %v", last, err)
	}
	if last, err = log.Append(deadline(t), last, []eventstore.Draft{event(2), event(3)}); err != nil || last != 3 {
		t.Fatalf("appending a batch: %d, %v", last, err)
	}
	if _, err := log.Append(deadline(t), 1, []eventstore.Draft{event(4)}); !errors.Is(err, eventstore.ErrOutOfTurn) {
		t.Errorf("appending at a position that is taken: %v, want ErrOutOfTurn", err)
	}
	if _, err := log.Get(deadline(t), 2); err != nil {
		t.Errorf("reading one: %v", err)
	}
	var read int
	err = log.Read(deadline(t), 1, last, func(records []eventstore.Record) error { read += len(records); return nil })
	if err != nil || read != 3 {
		t.Errorf("reading all: %d events, %v, want 3", read, err)
	}
	enough := errors.New("enough")
	err = log.Follow(deadline(t), 1, func(records []eventstore.Record) error { return enough })
	if !errors.Is(err, enough) {
		t.Errorf("following: %v", err)
	}
	answerCommands(t, nodes)
}

// A node may go: the others keep taking events.
func TestTheLogOutlivesANode(t *testing.T) {
	nodes := cluster(t)
	log := openLog(t, nodes)
	last, err := log.Append(deadline(t), 0, []eventstore.Draft{event(1)})
	if err != nil {
		t.Fatal(err)
	}
	nodes[0].Shutdown()
	nodes[0].WaitForShutdown()
	if last, err = log.Append(deadline(t), last, []eventstore.Draft{event(2)}); err != nil || last != 2 {
		t.Errorf("with two nodes of three: %d, %v", last, err)
	}
}

// answerCommands: a command sent as a request gets its answer.
func answerCommands(t *testing.T, nodes []*server.Server) {
	t.Helper()
	service, asker := connect(t, nodes, "fundledger"), connect(t, nodes, "operator")
	sub, err := service.Subscribe("cmd.>", func(m *nats.Msg) { _ = m.Respond([]byte("done")) })
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = sub.Unsubscribe() }()
	eventually(t, "an answer to a command", func() bool { // the interest has to reach the asker's node
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		answer, err := asker.RequestWithContext(ctx, "cmd."+fund+".make_payout", nil)
		return err == nil && string(answer.Data) == "done"
	})
}

func TestTheServiceCannotTouchWhatIsWritten(t *testing.T) {
	nodes := cluster(t)
	service := connect(t, nodes, "fundledger")
	openLog(t, nodes)
	for _, subject := range []string{
		"$JS.API.STREAM.CREATE.another", "$JS.API.STREAM.UPDATE." + stream, "$JS.API.STREAM.DELETE." + stream, "$JS.API.STREAM.PURGE." + stream,
		"$JS.API.STREAM.MSG.DELETE." + stream, "$JS.API.STREAM.RESTORE." + stream, "$JS.API.STREAM.SNAPSHOT." + stream,
		"$JS.API.STREAM.PEER.REMOVE." + stream, "$JS.API.STREAM.LEADER.STEPDOWN." + stream,
		"$JS.API.META.LEADER.STEPDOWN", "$JS.API.SERVER.REMOVE", "$JS.API.ACCOUNT.PURGE.FUNDLEDGER", "$SYS.REQ.SERVER.PING", "else.where",
	} {
		if !publishIsRefused(t, service, subject) {
			t.Errorf("the service may send %s", subject)
		}
	}
	if !subscribeIsRefused(t, service, ">") {
		t.Error("the service may listen to everything")
	}
}

// The ways round the prohibitions: a message of ours that somebody else sends to the forbidden subject.
func TestTheServiceCannotHaveItsStreamTrimmedByOthers(t *testing.T) {
	nodes := cluster(t)
	log, service := openLog(t, nodes), connect(t, nodes, "fundledger")
	if _, err := log.Append(deadline(t), 0, []eventstore.Draft{event(1), event(2)}); err != nil {
		t.Fatal(err)
	}
	update := "$JS.API.STREAM.UPDATE." + stream
	trimmed := strings.NewReplacer("@NAME@", stream, "@SUBJECT@", "fund."+fund+".>", `"max_msgs": -1`, `"max_msgs": 1`, `"discard": "new"`, `"discard": "old"`).
		Replace(readText(t, "nats/stream.json"))
	ask := func(subject, request string) {
		t.Helper()
		answer, err := service.RequestWithContext(deadline(t), subject, []byte(request))
		if err != nil {
			t.Fatalf("%s: %v", subject, err)
		}
		if strings.Contains(string(answer.Data), `"error"`) {
			t.Fatalf("%s: %s", subject, answer.Data)
		}
	}
	for range 3 {
		ask("refused."+fund+".trimmed", trimmed)
	}
	source := "REFUSED_" + fund

	t.Run("by answering a request of its own", func(t *testing.T) {
		sub, err := service.SubscribeSync("cmd.own")
		if err != nil {
			t.Fatal(err)
		}
		if err := service.PublishRequest("cmd.own", update, nil); err != nil {
			t.Fatal(err)
		}
		request, err := sub.NextMsgWithContext(deadline(t))
		if err != nil {
			t.Fatal(err)
		}
		if err := request.Respond([]byte(trimmed)); err != nil {
			t.Fatal(err)
		}
		if !refused(t, service, update) {
			t.Error("it may answer to the subject that updates streams")
		}
	})
	t.Run("by a consumer that delivers there", func(t *testing.T) {
		ask("$JS.API.CONSUMER.CREATE."+source+".push",
			`{"stream_name":"`+source+`","config":{"name":"push","deliver_subject":"`+update+`","ack_policy":"none"}}`)
	})
	t.Run("by fetching with that subject for the answer", func(t *testing.T) {
		ask("$JS.API.CONSUMER.CREATE."+source+".pull", `{"stream_name":"`+source+`","config":{"name":"pull","ack_policy":"none"}}`)
		if err := service.PublishRequest("$JS.API.CONSUMER.MSG.NEXT."+source+".pull", update, []byte(`{"batch":1}`)); err != nil {
			t.Fatal(err)
		}
		// A second fetch, answered, shows that the first has been dealt with.
		ask("$JS.API.CONSUMER.MSG.NEXT."+source+".pull", `{"batch":1}`)
	})
	// Whatever was under way has passed when the three nodes have agreed on more events.
	for last := uint64(2); last < 20; last++ {
		if _, err := log.Append(deadline(t), last, []eventstore.Draft{event(int(last) + 1)}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := log.Get(deadline(t), 1); err != nil {
		t.Errorf("event 1 is gone: %v", err)
	}
	if subject := "$JS.API.>"; !subscribeIsRefused(t, connect(t, nodes, "operator"), subject) {
		t.Errorf("the operator may listen to %s, which would open these ways", subject)
	}
}

func TestTheOperatorLooksAfterStreams(t *testing.T) {
	nodes := cluster(t)
	openLog(t, nodes)
	operator := connect(t, nodes, "operator")
	answer, err := operator.RequestWithContext(deadline(t), "$JS.API.STREAM.DELETE."+stream, nil)
	if err != nil {
		t.Fatal(err)
	}
	var outcome struct{ Success bool }
	if err := json.Unmarshal(answer.Data, &outcome); err != nil || !outcome.Success {
		t.Errorf("the operator cannot delete a stream: %s", answer.Data)
	}
}

func TestAnAnalystListensAndNoMore(t *testing.T) {
	nodes := cluster(t)
	log := openLog(t, nodes)
	analyst := connect(t, nodes, "analyst")
	for _, subject := range []string{
		"fund." + fund + ".enterprise.e1.registered", "refused.x", "cmd.x", "$JS.API.STREAM.INFO." + stream, "$JS.API.STREAM.DELETE." + stream,
		"_INBOX.x",
	} {
		if !publishIsRefused(t, analyst, subject) {
			t.Errorf("the analyst may send %s", subject)
		}
	}
	for _, subject := range []string{"cmd.>", "_INBOX.>", "refused.>", "$SYS.>", ">"} {
		if !subscribeIsRefused(t, analyst, subject) {
			t.Errorf("the analyst may listen to %s", subject)
		}
	}
	heard, err := analyst.SubscribeSync("fund.>")
	if err != nil {
		t.Fatal(err)
	}
	last, received := uint64(0), false
	eventually(t, "an event at the analyst's", func() bool { // the interest has to reach the stream's node
		if last, err = log.Append(deadline(t), last, []eventstore.Draft{event(int(last) + 1)}); err != nil {
			t.Fatal(err)
		}
		_, err := heard.NextMsg(100 * time.Millisecond)
		received = err == nil
		return received
	})
}

func TestNobodyComesInWithoutAPassword(t *testing.T) {
	nodes := cluster(t)
	for name, option := range map[string]nats.Option{
		"no user":            func(*nats.Options) error { return nil },
		"a wrong password":   nats.UserInfo("fundledger", "guess"),
		"the route's":        nats.UserInfo("route", passwords["route"]),
		"an unknown account": nats.UserInfo("admin", ""),
	} {
		nc, err := nats.Connect(nodes[0].ClientURL(), option)
		if err == nil {
			nc.Close()
			t.Errorf("%s: let in", name)
		}
		if err != nil && !errors.Is(err, nats.ErrAuthorization) {
			t.Errorf("%s: %v, want an authorization error", name, err)
		}
	}
}

func TestANodeWithoutTheRoutesPasswordDoesNotJoin(t *testing.T) {
	nodes := cluster(t)
	var ports []int
	for _, n := range nodes {
		ports = append(ports, n.ClusterAddr().Port)
	}
	own := freePorts(t, 1)[0]
	setEnvironment(t, "guess", append(slices.Clone(ports), own))
	said := &errorLog{}
	stranger := node(t, "nats-4", own, said)
	eventually(t, "the stranger to be turned away", func() bool { return said.has("Authorization Violation") })
	eventually(t, "the stranger to have no route", func() bool { return stranger.NumRoutes() == 0 }) // one is there until it is turned away
	for _, n := range nodes {
		if len(n.JetStreamClusterPeers()) > len(nodes) {
			t.Errorf("%s took the stranger in", n.Name())
		}
	}
}
