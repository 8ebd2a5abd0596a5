// One request per line on standard input, one answer per line on standard output, both in JSON. What vCluster would log
// goes to standard error. When standard input ends so does this, and its plugins with it.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
)

func main() {
	// vCluster lets its plugins log to standard output, which here is for answers.
	answers := json.NewEncoder(os.Stdout)
	os.Stdout = os.Stderr

	vcluster := &vCluster{}
	requests := bufio.NewReader(os.Stdin)
	for {
		line, err := requests.ReadBytes('\n')
		if err != nil {
			break
		}
		answer, err := vcluster.answer(line)
		if err != nil {
			answer = map[string]string{"error": err.Error()}
		}
		if err := answers.Encode(answer); err != nil {
			break
		}
	}
	_ = vcluster.stop()
}

// answer does what the `do` of a line says; what else is in the line depends on that.
func (v *vCluster) answer(line []byte) (any, error) {
	var what struct{ Do string }
	if err := json.Unmarshal(line, &what); err != nil {
		return nil, err
	}
	switch what.Do {
	case "start":
		return with(line, v.start)
	case "initialize":
		return with(line, v.initialize)
	case "lead":
		return done(v.lead())
	case "ping":
		return done(v.ping())
	case "mutate":
		return with(line, v.mutate)
	case "decode":
		return with(line, v.decode)
	case "request":
		return with(line, v.request)
	case "stop":
		return done(v.stop())
	}
	return nil, fmt.Errorf("nobody knows how to %q", what.Do)
}

func with[T any](line []byte, do func(T) (any, error)) (any, error) {
	var asked T
	if err := json.Unmarshal(line, &asked); err != nil {
		return nil, err
	}
	return do(asked)
}

func done(err error) (any, error) {
	return map[string]bool{"done": true}, err
}
