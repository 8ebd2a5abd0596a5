package main

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	plugins "github.com/loft-sh/vcluster/pkg/plugin/v2"
	"github.com/loft-sh/vcluster/pkg/plugin/v2/pluginv2"
)

// older is a vCluster of another release, as far as that says other things at the start.
type older struct {
	// The plugin's program.
	Plugin string
	// What it says, before anything is encoded.
	Sent map[string]any
	// Under which keys it sends the physical kubeconfig, a file.
	Kubeconfigs []string
	Physical    string
}

// initialize starts the one plugin and says this to it.
func (v *vCluster) initialize(with older) (any, error) {
	kubeconfig, err := os.ReadFile(with.Physical)
	if err != nil {
		return nil, err
	}
	for _, key := range with.Kubeconfigs {
		with.Sent[key] = kubeconfig
	}
	for _, key := range []string{"config", "options"} {
		if said, ok := with.Sent[key]; ok {
			if with.Sent[key], err = json.Marshal(said); err != nil {
				return nil, err
			}
		}
	}
	sent, err := json.Marshal(with.Sent)
	if err != nil {
		return nil, err
	}
	client := plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig:  plugins.HandshakeConfig,
		Logger:           hclog.New(&hclog.LoggerOptions{Name: "plugin", Output: os.Stderr, Level: hclog.Info}),
		Plugins:          map[string]plugin.Plugin{"plugin": &plugins.GRPCProviderPlugin{}},
		Cmd:              exec.Command(with.Plugin),
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
	})
	v.older = append(v.older, client)
	protocol, err := client.Client()
	if err != nil {
		return nil, err
	}
	calls, err := protocol.Dispense("plugin")
	if err != nil {
		return nil, err
	}
	request := &pluginv2.Initialize_Request{Config: string(sent)}
	_, err = calls.(pluginv2.PluginClient).Initialize(context.Background(), request)
	return done(err)
}
