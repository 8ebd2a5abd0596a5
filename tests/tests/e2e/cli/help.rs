//! Help, and wrong flags.

use super::sluice;
use anyhow::Result;

#[test]
fn cli_help_shows_examples() -> Result<()> {
    for (args, examples) in [
        (
            vec!["--help"],
            vec![
                "  sluice run --virtual-kubeconfig virtual.yaml --physical-kubeconfig physical.yaml \\\n    \
                 --name my-vcluster --namespace vcluster-my --plugins plugins/\n",
                "  sluice translate -f configmap.yaml --name my-vcluster --namespace vcluster-my\n",
                "  sluice plugin inspect configmaps.wasm\n",
            ],
        ),
        (
            vec!["run", "--help"],
            vec![
                "  sluice run --virtual-kubeconfig virtual.yaml --physical-kubeconfig physical.yaml \\\n    \
                 --name my-vcluster --namespace vcluster-my --plugins plugins/\n",
            ],
        ),
        (
            vec!["translate", "--help"],
            vec![
                "  sluice translate -f configmap.yaml --name my-vcluster --namespace vcluster-my\n",
                "  kubectl get configmap settings -o yaml | sluice translate -f - ",
                "  sluice translate -f virtual.yaml --physical physical.yaml ",
            ],
        ),
        (vec!["plugin", "inspect", "--help"], vec!["  sluice plugin inspect configmaps.wasm -o json\n"]),
    ] {
        let help = sluice(&args)?;
        assert_eq!((help.code, help.stderr.as_str()), (0, ""), "{args:?}");
        let shown = help.stdout.split_once("Example").unwrap_or_default().1;
        for example in examples {
            assert!(shown.contains(example), "{args:?}: {}", help.stdout);
        }
    }
    Ok(())
}

#[test]
fn cli_help_says_what_the_port_is_for() -> Result<()> {
    let help = sluice(["run", "--help"])?.stdout;
    let (_, said) = help.split_once("--interceptors <ADDRESS>").unwrap_or_default();
    assert!(said.contains("Where plugins with interceptors answer API requests"), "{help}");
    assert!(said.contains("[default: 127.0.0.1:10099]"), "{help}");
    Ok(())
}

#[test]
fn cli_version_is_the_packages() -> Result<()> {
    assert_eq!(sluice(["--version"])?.stdout, "sluice 0.1.0\n");
    Ok(())
}

#[test]
fn cli_wrong_flags_exit_with_2_and_say_which() -> Result<()> {
    for (args, said) in [
        (vec![], "Usage: sluice <COMMAND>"),
        (vec!["plugin"], "Usage: sluice plugin <COMMAND>"),
        (vec!["walk"], "unrecognized subcommand 'walk'"),
        (vec!["run", "--plugin", "plugins/"], "unexpected argument '--plugin' found"),
        (vec!["run", "--interceptors", "10099"], "invalid value '10099' for '--interceptors <ADDRESS>'"),
        (vec!["run", "--plugins", "plugins/"], "  --virtual-kubeconfig <FILE>\n"),
        (vec!["translate", "-f", "a.yaml", "--name", "a"], "  --namespace <NAMESPACE>\n"),
        (vec!["translate", "-f", "a", "--name", "a", "--namespace", "b", "-o", "xml"], "[possible values: yaml, json]"),
        (vec!["plugin", "inspect"], "  <FILE.wasm>\n"),
    ] {
        let wrong = sluice(&args)?;
        assert_eq!((wrong.code, wrong.stdout.as_str()), (2, ""), "{args:?}");
        assert!(wrong.stderr.contains(said), "{args:?}: {}", wrong.stderr);
    }
    Ok(())
}
