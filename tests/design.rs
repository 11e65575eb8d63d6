//! The code of "The surface" in the design, as it stands there, run: each block is a program of its own, started again by this one in every kind of
//! default context.

use std::process::{Command, ExitCode};

use libtest_mimic::{Arguments, Failed, Trial};

mod design {
    pub(crate) mod arrays;
    pub(crate) mod contexts;
    pub(crate) mod functors;
    pub(crate) mod kernels;
    pub(crate) mod quickstart;
}

/// The program made of a block.
type Program = fn() -> pasha::Result<()>;

const BLOCKS: &[(&str, Program)] = &[
    ("quickstart", design::quickstart::main),
    ("quickstart_as_a_function", design::quickstart::as_a_function),
    ("contexts_and_arrays", design::arrays::main),
    ("words_for_contexts", design::contexts::words),
    ("the_default_context", design::contexts::default),
    ("shots_whole", design::functors::whole),
    ("shots_taken_apart", design::functors::taken_apart),
    ("allocation_from_the_declaration", design::kernels::allocation),
    ("collection", design::kernels::collection),
    ("every_role_at_once", design::kernels::every_role),
];

/// Names the block that this program is to run.
const BLOCK: &str = "PASHA_DESIGN_BLOCK";

const CONTEXT: &str = "PASHA_CONTEXT";

fn main() -> ExitCode {
    if let Ok(wanted) = std::env::var(BLOCK) {
        let (_, run) = BLOCKS.iter().find(|(name, _)| *name == wanted).expect("the name of a block");
        return match run() {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("{error}");
                ExitCode::FAILURE
            }
        };
    }
    let contexts = [None, Some("serial"), Some("threads:3"), Some("processes:3")];
    let trials = BLOCKS.iter().flat_map(|(block, _)| {
        contexts.map(|context| {
            let name = format!("{block}::{}", context.unwrap_or("unnamed"));
            Trial::test(name, move || in_a_program_of_its_own(block, context))
        })
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit_code()
}

/// `context` is the default one, if not that of the environment.
fn in_a_program_of_its_own(block: &str, context: Option<&str>) -> Result<(), Failed> {
    let mut program = Command::new(std::env::current_exe()?);
    program.env(BLOCK, block);
    if let Some(context) = context {
        program.env(CONTEXT, context);
    }
    let output = program.output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{}\n{}", output.status, String::from_utf8_lossy(&output.stderr)).into())
}
