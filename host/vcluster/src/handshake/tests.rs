use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::*;

/// As of a vCluster that has these variables beside the usual ones.
fn read(more: &[(&str, &str)]) -> Result<Handshake, HandshakeError> {
    let usual = [(COOKIE, "vcluster"), ("PLUGIN_PROTOCOL_VERSIONS", "1")];
    let ports = [("PLUGIN_MIN_PORT", "10000"), ("PLUGIN_MAX_PORT", "25000")];
    let all = [more, &usual, &ports].concat();
    Handshake::read(|name| all.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
}

#[test]
fn only_what_vcluster_starts_is_a_plugin() {
    assert!(read(&[]).is_ok());
    assert!(read(&[("PLUGIN_PROTOCOL_VERSIONS", "")]).is_ok());
    assert!(read(&[("PLUGIN_PROTOCOL_VERSIONS", "2, 1")]).is_ok());
    for (name, value, said) in [
        (COOKIE, "", "this is a plugin of vCluster, which starts it"),
        (COOKIE, "other", "this is a plugin of vCluster, which starts it"),
        ("PLUGIN_PROTOCOL_VERSIONS", "2,11", "PLUGIN_PROTOCOL_VERSIONS=\"2,11\": this vCluster speaks none"),
        ("PLUGIN_CLIENT_CERT", "-----BEGIN", "PLUGIN_CLIENT_CERT is set"),
        ("PLUGIN_MAX_PORT", "many", "PLUGIN_MAX_PORT=\"many\" is no port"),
    ] {
        let error = read(&[(name, value)]).unwrap_err().to_string();
        assert!(error.starts_with(said), "{error}");
    }
}

#[tokio::test]
async fn the_socket_is_private_and_goes_with_us() {
    let folder = tempfile::tempdir().unwrap();
    let socket = read(&[("PLUGIN_UNIX_SOCKET_DIR", folder.path().to_str().unwrap())]).unwrap().listen().unwrap();

    let fields: Vec<_> = socket.line().split('|').collect();
    let [core, version, network, path, protocol, certificate] = fields[..] else { panic!("{}", socket.line()) };
    assert_eq!((core, version, network, protocol, certificate), ("1", "1", "unix", "grpc", ""));
    assert!(path.starts_with(folder.path().to_str().unwrap()));
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    let path = Path::new(path);
    assert_eq!((mode(path), mode(path.parent().unwrap())), (0o600, 0o700));

    drop(socket);
    assert_eq!(folder.path().read_dir().unwrap().count(), 0);
}

#[tokio::test]
async fn where_no_socket_can_be_made_a_port_is_taken() {
    let long = "a".repeat(120);
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join(&long)).unwrap();
    for unusable in [folder.path().join(&long), "/nowhere".into()] {
        let handshake = read(&[("PLUGIN_UNIX_SOCKET_DIR", unusable.to_str().unwrap())]).unwrap();
        let sockets = [handshake.listen().unwrap(), handshake.listen().unwrap()];
        for socket in &sockets {
            let port = socket.line().strip_prefix("1|1|tcp|127.0.0.1:").and_then(|rest| rest.strip_suffix("|grpc|"));
            assert!((10_000..=25_000).contains(&port.unwrap().parse::<u16>().unwrap()), "{}", socket.line());
        }
    }
    assert_eq!(folder.path().join(&long).read_dir().unwrap().count(), 0);
}

#[tokio::test]
async fn nowhere_to_listen_is_told() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let variables = [("PLUGIN_UNIX_SOCKET_DIR", "/nowhere"), ("PLUGIN_MIN_PORT", &*port), ("PLUGIN_MAX_PORT", &*port)];
    let error = read(&variables).unwrap().listen().unwrap_err().to_string();
    assert!(
        error.starts_with("no socket below /nowhere (") && error.contains(&format!("{port} to {port} is free")),
        "{error}"
    );
}
