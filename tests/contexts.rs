//! How contexts are named, and which one is the default: each default in a program of its own.

use std::env;
use std::process::ExitCode;
use std::thread::available_parallelism;

use pasha::ErrorKind;
use pasha::prelude::*;
use pasha_tests::support::{Role, act, again, run_once};

const ROLES: &[Role] = &[
    Role { name: "say the default", act: say_the_default },
    Role { name: "say the default twice", act: say_the_default_twice },
    Role { name: "replace the default", act: replace_the_default },
    Role { name: "replace a default that was asked for", act: replace_a_default_that_was_asked_for },
    Role { name: "map by default", act: map_by_default },
    Role { name: "fail by default", act: fail_by_default },
    Role { name: "start no threads", act: start_no_threads },
];

fn main() -> ExitCode {
    act(ROLES);
    // What waiting workers are forked from stays until the end.
    pasha::init().expect("there is one thread");
    run_once(&[
        ("a_name_gives_the_context_it_says", a_name_gives_the_context_it_says),
        ("a_context_prints_as_its_name", a_context_prints_as_its_name),
        ("a_name_without_a_number_takes_all_processors", a_name_without_a_number_takes_all_processors),
        ("a_wrong_name_is_refused_with_the_right_ones", a_wrong_name_is_refused_with_the_right_ones),
        ("a_wrong_number_of_workers_is_refused", a_wrong_number_of_workers_is_refused),
        ("a_wrong_number_tells_its_cause", a_wrong_number_tells_its_cause),
        ("a_context_can_be_printed_for_debugging", a_context_can_be_printed_for_debugging),
        ("the_default_is_processes", the_default_is_processes),
        ("the_environment_names_another_default", the_environment_names_another_default),
        (
            "a_wrong_name_in_the_environment_is_an_error_of_whatever_needs_it",
            a_wrong_name_in_the_environment_is_an_error_of_whatever_needs_it,
        ),
        ("an_empty_name_in_the_environment_is_none", an_empty_name_in_the_environment_is_none),
        ("the_environment_is_read_once", the_environment_is_read_once),
        ("a_default_that_is_set_beats_the_environment", a_default_that_is_set_beats_the_environment),
        ("a_default_may_be_replaced", a_default_may_be_replaced),
        ("maps_and_arrays_use_the_default", maps_and_arrays_use_the_default),
        ("a_default_that_nobody_uses_starts_nothing", a_default_that_nobody_uses_starts_nothing),
    ])
}

fn named(name: &str) -> Context {
    name.parse().unwrap_or_else(|error| panic!("{name:?}: {error}"))
}

fn a_name_gives_the_context_it_says() {
    let names = [
        ("serial", 1),
        ("threads:3", 3),
        ("processes:5", 5),
        ("threads:1", 1),
        (" processes:2 ", 2),
        ("residents:3", 3),
    ];
    for (name, workers) in names {
        let ctx = named(name);
        assert_eq!((ctx.workers(), ctx.to_string()), (workers, name.trim().to_owned()));
        let shared = ctx.alloc::<u8>().shape(1).build().unwrap().is_process_shared();
        assert_eq!(shared, name.contains("processes") || name.contains("residents"));
    }
}

fn a_context_prints_as_its_name() {
    for name in ["serial", "threads:3", "processes:3", "residents:3"] {
        assert_eq!(named(name).to_string(), name);
        assert_eq!(named(&named(name).to_string()).to_string(), name);
    }
    assert_eq!(Context::threads().workers(2).schedule(Schedule::Static).build().unwrap().to_string(), "threads:2");
}

fn a_name_without_a_number_takes_all_processors() {
    let available = available_parallelism().unwrap().get();
    assert_eq!(named("threads").workers(), available);
    assert_eq!(named("processes").workers(), available);
    assert_eq!(named("residents").workers(), available);
}

fn a_wrong_name_is_refused_with_the_right_ones() {
    for name in [
        "",
        "thread",
        "Threads",
        "process",
        "mpi",
        "threads 4",
        "serial:2",
        "processes:",
        ":3",
        "threads:3:4",
        "threads:-1",
        "threads:two",
    ] {
        let error = name.parse::<Context>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Argument, "{name:?}");
        let text = error.to_string();
        for right in [name, "serial", "threads, threads:N", "processes, processes:N", "residents or residents:N"] {
            assert!(text.contains(right), "{text:?} says nothing of {right:?}");
        }
    }
}

fn a_wrong_number_of_workers_is_refused() {
    for name in ["threads:0", "processes:0", "processes:100000000", "threads:18446744073709551615"] {
        let error = name.parse::<Context>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Argument, "{name}");
        assert!(error.to_string().contains("workers"), "{error}");
    }
}

fn a_wrong_number_tells_its_cause() {
    let error = "threads:two".parse::<Context>().unwrap_err();
    let cause = std::error::Error::source(&error).expect("a cause");
    assert!(cause.to_string().contains("invalid digit"), "{cause}");
}

fn a_context_can_be_printed_for_debugging() {
    let ctx = Context::processes().workers(3).schedule(Schedule::Static).build().unwrap();
    let text = format!("{ctx:?}");
    assert!(text.contains("workers: 3") && text.contains("Static"), "{text}");
}

/// What a role prints, with this default in its environment.
fn said(role: &str, default: Option<&str>) -> String {
    let mut command = again(role);
    if let Some(default) = default {
        command.env("PASHA_CONTEXT", default);
    }
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn say_the_default() {
    let ctx = pasha::default_context().unwrap();
    let shared = pasha::alloc::<u8>().shape(1).build().unwrap().is_process_shared();
    println!("{ctx} {shared}");
}

fn the_default_is_processes() {
    let available = available_parallelism().unwrap();
    assert_eq!(said("say the default", None), format!("processes:{available} true\n"));
}

fn the_environment_names_another_default() {
    let available = available_parallelism().unwrap();
    for (name, default) in [
        ("serial", "serial false\n"),
        ("threads:3", "threads:3 false\n"),
        ("processes:4", "processes:4 true\n"),
        ("threads", &format!("threads:{available} false\n")),
        ("processes", &format!("processes:{available} true\n")),
    ] {
        assert_eq!(said("say the default", Some(name)), default);
    }
}

fn fail_by_default() {
    let errors = [
        pasha::default_context().map(drop).unwrap_err(),
        pasha::alloc::<u8>().shape(1).build().map(drop).unwrap_err(),
        pasha::alloc_like(&[1_u8]).map(drop).unwrap_err(),
        pasha::map(nothing {}, 0..3_usize).map(drop).unwrap_err(),
        pasha::collect(number {}, 0..3_usize).map(drop).unwrap_err(),
    ];
    for error in errors {
        println!("{:?} {error}", error.kind());
    }
}

fn a_wrong_name_in_the_environment_is_an_error_of_whatever_needs_it() {
    let said = said("fail by default", Some("threats:4"));
    assert_eq!(said.lines().count(), 5, "{said}");
    for line in said.lines() {
        let parts = ["Argument the environment variable PASHA_CONTEXT", "\"threats:4\"", "threads:N"];
        assert!(parts.iter().all(|part| line.contains(part)), "{line}");
    }
}

fn an_empty_name_in_the_environment_is_none() {
    assert_eq!(said("say the default", Some("")), said("say the default", None));
}

fn say_the_default_twice() {
    say_the_default();
    // Nobody but this thread lives in this program.
    #[allow(unsafe_code)]
    // SAFETY: as above.
    unsafe {
        env::set_var("PASHA_CONTEXT", "threads:9");
    }
    say_the_default();
}

fn the_environment_is_read_once() {
    assert_eq!(said("say the default twice", Some("serial")), "serial false\nserial false\n");
}

fn replace_the_default() {
    pasha::set_default_context(named("threads:2"));
    say_the_default();
}

fn a_default_that_is_set_beats_the_environment() {
    for environment in [None, Some("serial"), Some("no context at all")] {
        assert_eq!(said("replace the default", environment), "threads:2 false\n");
    }
}

fn replace_a_default_that_was_asked_for() {
    say_the_default();
    for name in ["threads:2", "processes:2", "serial"] {
        pasha::set_default_context(named(name));
        say_the_default();
        let mut counted = pasha::alloc::<usize>().shape(20).build().unwrap();
        pasha::map(count { counted: &mut counted }, 0..20_usize).unwrap();
        assert_eq!(counted.sum(), 190, "a thread context that was replaced left no thread behind");
    }
}

fn a_default_may_be_replaced() {
    let expected = "threads:3 false\nthreads:2 false\nprocesses:2 true\nserial false\n";
    assert_eq!(said("replace a default that was asked for", Some("threads:3")), expected);
}

#[pasha::kernel]
fn nothing(_worker_id: usize, _index: usize, _item: usize) {}

#[pasha::kernel]
fn number(_worker_id: usize, _index: usize, item: usize) -> u64 {
    item as u64
}

#[pasha::kernel]
fn count(_worker_id: usize, _index: usize, item: usize, #[out] counted: &mut usize) {
    *counted += item;
}

fn map_by_default() {
    let inp: Vec<usize> = vec![0; 30];
    let mut counted = pasha::alloc_like(&inp).unwrap();
    let report = pasha::map(count { counted: &mut counted }, 0..30_usize).unwrap();
    assert_eq!(counted.to_vec(), (0..30).collect::<Vec<_>>());
    let numbers = pasha::collect(number {}, 0..30_usize).unwrap();
    assert_eq!((numbers.sum(), numbers.is_process_shared()), (435, counted.is_process_shared()));
    let each = pasha::alloc::<u8>().shape(2).per_worker().build().unwrap();
    println!("{} workers, {:?}", report.workers().len(), each.shape());
}

fn maps_and_arrays_use_the_default() {
    assert_eq!(said("map by default", Some("serial")), "1 workers, [1, 2]\n");
    assert_eq!(said("map by default", Some("threads:3")), "3 workers, [3, 2]\n");
    assert_eq!(said("map by default", Some("processes:4")), "4 workers, [4, 2]\n");
}

fn start_no_threads() {
    let _ctx = Context::processes().workers(2).build().unwrap();
    println!("{} thread", std::fs::read_dir("/proc/self/task").unwrap().count());
}

fn a_default_that_nobody_uses_starts_nothing() {
    assert_eq!(said("start no threads", Some("threads:8")), "1 thread\n");
}
