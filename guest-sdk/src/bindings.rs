//! The contract in Rust, generated from `wit/`.
//!
//! One world for what a plugin may call and one for each interface that it may export. A plugin's component type
//! is the union of those whose export macro it expands, so it exports what it implements and nothing else.

/// What a plugin may call. Functions that it never calls are not among the imports of its component.
pub mod imports {
    wit_bindgen::generate!({
        path: "../wit",
        inline: "
            package sluice:sdk;
            world imports {
                import sluice:plugin/config@0.1.0;
                import sluice:plugin/intents@0.1.0;
                import sluice:plugin/log@0.1.0;
                import sluice:plugin/lookup@0.1.0;
                import sluice:plugin/metadata@0.1.0;
            }
        ",
        generate_all,
        generate_unused_types: true,
        additional_derives: [PartialEq, Eq, Hash, PartialOrd, Ord],
    });
}

/// `sluice:plugin/lifecycle`.
pub mod lifecycle {
    wit_bindgen::generate!({
        path: "../wit",
        inline: "
            package sluice:sdk;
            world lifecycle { export sluice:plugin/lifecycle@0.1.0; }
        ",
        with: {
            "sluice:plugin/objects@0.1.0": crate::bindings::imports::sluice::plugin::objects,
            "sluice:plugin/intents@0.1.0": crate::bindings::imports::sluice::plugin::intents,
            "sluice:plugin/lifecycle@0.1.0": generate,
        },
        export_macro_name: "export_lifecycle",
        default_bindings_module: "sluice_sdk::bindings::lifecycle",
        pub_export_macro: true,
    });
}

/// `sluice:plugin/syncer`.
pub mod syncer {
    wit_bindgen::generate!({
        path: "../wit",
        inline: "
            package sluice:sdk;
            world syncer { export sluice:plugin/syncer@0.1.0; }
        ",
        with: {
            "sluice:plugin/objects@0.1.0": crate::bindings::imports::sluice::plugin::objects,
            "sluice:plugin/intents@0.1.0": crate::bindings::imports::sluice::plugin::intents,
            "sluice:plugin/syncer@0.1.0": generate,
        },
        export_macro_name: "export_syncer",
        default_bindings_module: "sluice_sdk::bindings::syncer",
        pub_export_macro: true,
    });
}

/// `sluice:plugin/virtual-syncer`.
pub mod virtual_syncer {
    wit_bindgen::generate!({
        path: "../wit",
        inline: "
            package sluice:sdk;
            world virtual-syncer { export sluice:plugin/virtual-syncer@0.1.0; }
        ",
        with: {
            "sluice:plugin/objects@0.1.0": crate::bindings::imports::sluice::plugin::objects,
            "sluice:plugin/intents@0.1.0": crate::bindings::imports::sluice::plugin::intents,
            "sluice:plugin/virtual-syncer@0.1.0": generate,
        },
        export_macro_name: "export_virtual_syncer",
        default_bindings_module: "sluice_sdk::bindings::virtual_syncer",
        pub_export_macro: true,
    });
}

/// `sluice:plugin/mapping`.
pub mod mapping {
    wit_bindgen::generate!({
        path: "../wit",
        inline: "
            package sluice:sdk;
            world mapping { export sluice:plugin/mapping@0.1.0; }
        ",
        with: {
            "sluice:plugin/objects@0.1.0": crate::bindings::imports::sluice::plugin::objects,
            "sluice:plugin/mapping@0.1.0": generate,
        },
        export_macro_name: "export_mapping",
        default_bindings_module: "sluice_sdk::bindings::mapping",
        pub_export_macro: true,
    });
}

/// `sluice:plugin/watch`.
pub mod watch {
    wit_bindgen::generate!({
        path: "../wit",
        inline: "
            package sluice:sdk;
            world watch { export sluice:plugin/watch@0.1.0; }
        ",
        with: {
            "sluice:plugin/objects@0.1.0": crate::bindings::imports::sluice::plugin::objects,
            "sluice:plugin/watch@0.1.0": generate,
        },
        export_macro_name: "export_watch",
        default_bindings_module: "sluice_sdk::bindings::watch",
        pub_export_macro: true,
        additional_derives: [PartialEq, Eq],
    });
}

/// `sluice:plugin/hooks`.
pub mod hooks {
    wit_bindgen::generate!({
        path: "../wit",
        inline: "
            package sluice:sdk;
            world hooks { export sluice:plugin/hooks@0.1.0; }
        ",
        with: {
            "sluice:plugin/objects@0.1.0": crate::bindings::imports::sluice::plugin::objects,
            "sluice:plugin/intents@0.1.0": crate::bindings::imports::sluice::plugin::intents,
            "sluice:plugin/hooks@0.1.0": generate,
        },
        export_macro_name: "export_hooks",
        default_bindings_module: "sluice_sdk::bindings::hooks",
        pub_export_macro: true,
        additional_derives: [PartialEq, Eq],
    });
}

/// `sluice:plugin/interceptor`.
pub mod interceptor {
    wit_bindgen::generate!({
        path: "../wit",
        inline: "
            package sluice:sdk;
            world interceptor { export sluice:plugin/interceptor@0.1.0; }
        ",
        with: {
            "sluice:plugin/interceptor@0.1.0": generate,
        },
        export_macro_name: "export_interceptor",
        default_bindings_module: "sluice_sdk::bindings::interceptor",
        pub_export_macro: true,
    });
}
