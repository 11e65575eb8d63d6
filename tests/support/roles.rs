//! Roles: what a test binary does when a test starts it again as a program of its own.

use std::env;
use std::process::{Command, exit};

/// The environment variable that names the role.
const VARIABLE: &str = "PASHA_TESTS_ROLE";

/// A program that a test watches from outside.
#[derive(Clone, Copy, Debug)]
pub struct Role {
    /// By what [`again`] asks for it.
    pub name: &'static str,
    /// What it does.
    pub act: fn(),
}

/// The command that starts this binary again in a role, with no default context named in its environment.
pub fn again(role: &str) -> Command {
    let mut command = Command::new(env::current_exe().expect("a running program has a path"));
    command.env(VARIABLE, role).env_remove("PASHA_CONTEXT");
    command
}

/// Plays the role that the environment names, if it names one, and ends the program.
pub fn act(roles: &[Role]) {
    if let Ok(name) = env::var(VARIABLE) {
        let role = roles.iter().find(|role| role.name == name).unwrap_or_else(|| panic!("there is no role {name:?}"));
        (role.act)();
        exit(0);
    }
}
