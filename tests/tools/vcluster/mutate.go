package main

import (
	"context"
	"encoding/json"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// mutation is an object that vCluster's own clients are about to write, or have read.
type mutation struct {
	// Such as CreatePhysical.
	Type   string
	Object json.RawMessage
}

// mutate gives the object as vCluster goes on with it.
func (v *vCluster) mutate(asked mutation) (any, error) {
	object, err := read(asked.Object)
	if err != nil {
		return nil, err
	}
	if err := v.manager.MutateObject(context.Background(), object, asked.Type, scheme.Scheme); err != nil {
		return nil, err
	}
	return map[string]any{"object": object}, nil
}

// read gives an object of Go's type for it, if there is one, as vCluster has it: what a plugin answers is decoded over
// what is there.
func read(encoded []byte) (client.Object, error) {
	untyped := &unstructured.Unstructured{}
	if err := json.Unmarshal(encoded, untyped); err != nil {
		return nil, err
	}
	typed, err := scheme.Scheme.New(untyped.GroupVersionKind())
	if err != nil {
		return untyped, nil
	}
	object := typed.(client.Object)
	if err := json.Unmarshal(encoded, object); err != nil {
		return nil, err
	}
	// A typed client leaves them out.
	object.GetObjectKind().SetGroupVersionKind(schema.GroupVersionKind{})
	return object, nil
}

// answered is what a plugin made of an object.
type answered struct {
	Object json.RawMessage
	Answer string
}

// decode gives what vCluster makes of a plugin's answer.
func (v *vCluster) decode(given answered) (any, error) {
	object, err := read(given.Object)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal([]byte(given.Answer), object); err != nil {
		return nil, err
	}
	return map[string]any{"object": object}, nil
}
