//! What the tests, the demo and the benchmarks need to find, in the variables that they read.

use crate::workspace::Workspace;
use std::{path::PathBuf, process::Command};

pub(crate) struct Kit {
    sluice: PathBuf,
    guests: PathBuf,
    control_plane: PathBuf,
    /// For tests: helm and the like.
    tools: Option<PathBuf>,
}

impl Kit {
    pub(crate) fn new(workspace: &Workspace, control_plane: PathBuf) -> Self {
        Self { sluice: workspace.bin("sluice"), guests: workspace.wasm_dir(), control_plane, tools: None }
    }

    pub(crate) fn with_tools(self, tools: PathBuf) -> Self {
        Self { tools: Some(tools), ..self }
    }

    /// Of another program than cargo has built here.
    pub(crate) fn of(self, sluice: PathBuf) -> Self {
        Self { sluice, ..self }
    }

    pub(crate) fn give_to(&self, command: &mut Command) {
        command
            .env("SLUICE_BIN", &self.sluice)
            .env("SLUICE_GUESTS", &self.guests)
            .env("KUBEBUILDER_ASSETS", &self.control_plane);
        if let Some(tools) = &self.tools {
            command.env("SLUICE_TOOLS", tools);
        }
    }
}
