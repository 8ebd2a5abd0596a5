package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/hashicorp/go-plugin"
	"github.com/loft-sh/vcluster/config"
	vclusterconfig "github.com/loft-sh/vcluster/pkg/config"
	plugins "github.com/loft-sh/vcluster/pkg/plugin/v2"
	"k8s.io/client-go/tools/clientcmd"
)

// vCluster is its manager of plugins, started or not.
type vCluster struct {
	manager *plugins.Manager
	// Plugins that were started as another release does.
	older []*plugin.Client
}

// start is what a vCluster is told at its start.
type start struct {
	// Of the virtual cluster, and of the physical one.
	Name, Namespace string
	// Folder of folders that each hold a `plugin`.
	Folder string
	// Kubeconfigs: files.
	Virtual, Physical string
	// Config of each plugin, as in vcluster.yaml.
	Config map[string]map[string]any
}

func (v *vCluster) start(with start) (any, error) {
	physical, err := clientcmd.BuildConfigFromFlags("", with.Physical)
	if err != nil {
		return nil, err
	}
	proxy, err := clientcmd.LoadFromFile(with.Virtual)
	if err != nil {
		return nil, err
	}
	told := &vclusterconfig.VirtualClusterConfig{Name: with.Name, HostNamespace: with.Namespace, HostConfig: physical}
	told.Experimental.VirtualClusterKubeConfig.KubeConfig = with.Virtual
	told.Plugins = map[string]config.Plugins{}
	for name, said := range with.Config {
		told.Plugins[name] = config.Plugins{Config: said}
	}
	if err := os.Setenv("PLUGIN_FOLDER", with.Folder); err != nil {
		return nil, err
	}
	v.manager = plugins.NewManager()
	return done(v.manager.Start(context.Background(), proxy, told))
}

func (v *vCluster) lead() error {
	return v.manager.SetLeader(context.Background())
}

// ping is go-plugin's own question whether its plugins are well.
func (v *vCluster) ping() error {
	return v.each(func(client *plugin.Client) error {
		protocol, err := client.Client()
		if err != nil {
			return err
		}
		return protocol.Ping()
	})
}

// stop ends plugins as go-plugin does: it asks, waits for 2 s, and kills, which it tells in the log.
func (v *vCluster) stop() error {
	return v.each(func(client *plugin.Client) error {
		client.Kill()
		if !client.Exited() {
			return fmt.Errorf("%s did not end", client.ID())
		}
		return nil
	})
}

func (v *vCluster) each(do func(*plugin.Client) error) error {
	clients := v.older
	if v.manager != nil {
		for _, loaded := range v.manager.Plugins {
			clients = append(clients, loaded.Client)
		}
	}
	var all error
	for _, client := range clients {
		all = errors.Join(all, do(client))
	}
	return all
}
