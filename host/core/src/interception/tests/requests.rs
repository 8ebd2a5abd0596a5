//! What Kubernetes reads off the first line of a request.

use super::super::{Malformed, Request, Resource};

fn resource(line: &str) -> (String, Resource) {
    let (method, target) = line.split_once(' ').unwrap();
    let request = Request::parse(method, target).unwrap();
    (request.verb, request.resource.unwrap_or_else(|| panic!("{line} is for no resource")))
}

#[test]
fn a_resource_is_read_off_the_path() {
    // Group, version, namespace, resource, name, subresource.
    for (line, verb, expected) in [
        ("GET /api/v1/namespaces", "list", ["", "v1", "", "namespaces", "", ""]),
        ("GET /api/v1/namespaces/other", "get", ["", "v1", "other", "namespaces", "other", ""]),
        ("PUT /api/v1/namespaces/other/finalize", "update", ["", "v1", "other", "namespaces", "other", "finalize"]),
        ("PATCH /api/v1/namespaces/other/status", "patch", ["", "v1", "other", "namespaces", "other", "status"]),
        ("GET /api/v1/namespaces/other/pods", "list", ["", "v1", "other", "pods", "", ""]),
        ("GET /api/v1/namespaces/other/pods/foo", "get", ["", "v1", "other", "pods", "foo", ""]),
        ("HEAD /api/v1/namespaces/other/pods/foo", "get", ["", "v1", "other", "pods", "foo", ""]),
        ("GET /api/v1/namespaces/other/pods/foo/log", "get", ["", "v1", "other", "pods", "foo", "log"]),
        ("GET /api/v1/pods", "list", ["", "v1", "", "pods", "", ""]),
        ("GET /api/v1/nodes/a/", "get", ["", "v1", "", "nodes", "a", ""]),
        ("HEAD /api/v1/pods", "list", ["", "v1", "", "pods", "", ""]),
        ("POST /api/v1/namespaces/a/pods", "create", ["", "v1", "a", "pods", "", ""]),
        ("DELETE /api/v1/namespaces/a/pods/b", "delete", ["", "v1", "a", "pods", "b", ""]),
        ("DELETE /api/v1/namespaces/a/pods", "deletecollection", ["", "v1", "a", "pods", "", ""]),
        ("OPTIONS /api/v1/pods/a", "", ["", "v1", "", "pods", "a", ""]),
        ("GET /apis/apps/v1/deployments", "list", ["apps", "v1", "", "deployments", "", ""]),
        ("GET /apis/apps/v1/namespaces/a/deployments/b/scale", "get", ["apps", "v1", "a", "deployments", "b", "scale"]),
        ("GET /api/v1/watch/pods", "watch", ["", "v1", "", "pods", "", ""]),
        ("GET /api/v1/watch/namespaces/a/pods/b", "watch", ["", "v1", "a", "pods", "b", ""]),
        ("GET /api/v1/watch/namespaces/a", "watch", ["", "v1", "a", "namespaces", "a", ""]),
        ("GET /api/v1/proxy/namespaces/a/services/b/c/d", "proxy", ["", "v1", "a", "services", "b", ""]),
        ("GET /api/v1/proxy/nodes/a/stats", "proxy", ["", "v1", "", "nodes", "a", ""]),
        ("GET /api/v1/namespaces/%61/p%6fds/b%20c", "get", ["", "v1", "a", "pods", "b c", ""]),
        ("GET /api/v1/namespaces/a%2Fpods/b", "get", ["", "v1", "a", "pods", "b", ""]),
        ("GET /api/v1/pods/a+b", "get", ["", "v1", "", "pods", "a+b", ""]),
    ] {
        let [group, version, namespace, resource, name, subresource] = expected.map(str::to_owned);
        let expected = Resource { group, version, namespace, resource, name, subresource };
        assert_eq!(self::resource(line), (verb.to_owned(), expected), "{line}");
    }
}

#[test]
fn a_watch_and_a_name_are_read_off_the_query() {
    for (query, verb, name) in [
        ("watch=true", "watch", ""),
        ("watch=1", "watch", ""),
        ("watch", "watch", ""),
        ("watch=", "watch", ""),
        ("watch=yes&watch=false", "watch", ""),
        ("w%61tch=true", "watch", ""),
        ("watch=FALSE", "list", ""),
        ("watch=0&watch=1", "list", ""),
        ("watch=true;a", "list", ""),
        ("awatch=true", "list", ""),
        ("fieldSelector=metadata.name=a", "list", "a"),
        ("fieldSelector=metadata.name%3Da&watch=1", "watch", "a"),
        ("fieldSelector=metadata.name%3D%3Da", "list", "a"),
        ("fieldSelector=spec.nodeName=x,metadata.name=a", "list", "a"),
        ("fieldSelector=metadata.name=b,metadata.name=a", "list", "a"),
        (r"fieldSelector=metadata.name=a\,b", "list", "a,b"),
        ("fieldSelector=metadata.name!=a", "list", ""),
        ("fieldSelector=metadata.namespace=a", "list", ""),
        ("fieldSelector=metadata.name=a,nonsense", "list", ""),
        (r"fieldSelector=metadata.name=a\b", "list", ""),
        ("fieldSelector=metadata.name=a=b", "list", ""),
        ("fieldSelector=metadata.name=a%2Fb", "list", ""),
        ("fieldSelector=metadata.name=..", "list", ""),
        ("fieldSelector=", "list", ""),
        ("fieldSelector=%zz", "list", ""),
    ] {
        let (said, resource) = resource(&format!("GET /api/v1/namespaces/x/pods?{query}"));
        assert_eq!((&*said, &*resource.name), (verb, name), "{query}");
    }
    // A request that names an object is not made another by its query.
    let (verb, resource) = resource("GET /api/v1/pods/a?watch=true&fieldSelector=metadata.name=b");
    assert_eq!((&*verb, &*resource.name), ("get", "a"));
}

#[test]
fn what_is_no_resource_has_the_method_for_a_verb() {
    for path in ["/", "/api", "/api/v1", "/apis", "/apis/apps", "/apis/apps/v1", "/healthz", "/version/a/b", "//"] {
        let expected = Request { verb: "post".into(), path: path.into(), resource: None };
        assert_eq!(Request::parse("POST", path), Ok(expected), "{path}");
    }
    let request = Request::parse("GET", "/a%2a?watch=true").unwrap();
    assert_eq!((&*request.verb, &*request.path), ("get", "/a*"));
}

#[test]
fn what_cannot_be_read_is_told() {
    for (target, why) in [
        ("", Malformed::NoPath),
        ("*", Malformed::NoPath),
        ("example.com:443", Malformed::NoPath),
        ("/a%", Malformed::Encoding),
        ("/a%2", Malformed::Encoding),
        ("/a%+1", Malformed::Encoding),
        ("/a%ff", Malformed::Encoding),
        ("/api/v1/watch", Malformed::NoResource),
        ("/apis/apps/v1/proxy/", Malformed::NoResource),
    ] {
        assert_eq!(Request::parse("GET", target), Err(why), "{target}");
    }
}
