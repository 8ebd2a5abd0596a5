package main

import (
	"net/http"
	"net/http/httptest"
	"strings"

	"k8s.io/apimachinery/pkg/util/sets"
	apirequest "k8s.io/apiserver/pkg/endpoints/request"
)

// apiRequest is what a user of the virtual cluster sends.
type apiRequest struct {
	Method, Path, Body string
}

// request goes the way that it goes in vCluster's proxy: to a plugin's interceptor, or on to the API server, which here
// answers 421 to all.
func (v *vCluster) request(asked apiRequest) (any, error) {
	sent := httptest.NewRequest(asked.Method, asked.Path, strings.NewReader(asked.Body))
	info := apirequest.RequestInfoFactory{
		APIPrefixes:          sets.NewString("api", "apis"),
		GrouplessAPIPrefixes: sets.NewString("api"),
	}
	what, err := info.NewRequestInfo(sent)
	if err != nil {
		return nil, err
	}
	apiServer := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusMisdirectedRequest)
	})
	answer := httptest.NewRecorder()
	v.manager.WithInterceptors(apiServer).ServeHTTP(answer, sent.WithContext(apirequest.WithRequestInfo(sent.Context(), what)))
	return map[string]any{"status": answer.Code, "body": answer.Body.String()}, nil
}
