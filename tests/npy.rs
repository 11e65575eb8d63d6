//! Array files: what NumPy writes is mapped over, in every context; what it does not write is refused.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};

use libtest_mimic::{Arguments, Trial};
use ndarray::{Array, ArrayView1, ArrayView2, Ix0, Ix1, Ix2, Ix3, IxDyn, array};
use pasha::functor::check::check;
use pasha::npy::{self, Number};
use pasha::prelude::*;

fn main() -> ExitCode {
    let tests: [(&str, fn()); 9] = [
        ("files_are_mapped_over_in_every_context", files_are_mapped_over_in_every_context),
        ("both_orders_and_all_ranks_are_read", both_orders_and_all_ranks_are_read),
        ("every_width_is_read", every_width_is_read),
        ("another_type_or_rank_is_refused_with_both_named", another_type_or_rank_is_refused_with_both_named),
        ("what_numpy_does_not_write_is_refused", what_numpy_does_not_write_is_refused),
        ("a_file_cut_off_at_any_length_is_refused", a_file_cut_off_at_any_length_is_refused),
        ("a_file_cut_off_while_it_is_open_ends_the_worker", a_file_cut_off_while_it_is_open_ends_the_worker),
        ("outputs_lie_in_files_in_every_context", outputs_lie_in_files_in_every_context),
        ("outputs_that_cannot_be_made_are_refused", outputs_that_cannot_be_made_are_refused),
    ];
    let trials = tests.map(|(name, test)| {
        Trial::test(name, move || {
            test();
            Ok(())
        })
    });
    libtest_mimic::run(&Arguments { test_threads: Some(1), ..Arguments::from_args() }, trials.into()).exit_code()
}

/// A file that is removed again.
struct Scratch(PathBuf);

impl Scratch {
    fn new(bytes: &[u8]) -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{number}.npy", std::process::id()));
        fs::write(&path, bytes).unwrap();
        Self(path)
    }

    /// What `numpy.save` writes.
    fn save<T: Number>(descr: &str, fortran: bool, shape: &str, elements: &[T]) -> Self {
        let fortran = if fortran { "True" } else { "False" };
        let text = format!("{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': {shape}, }}");
        Self::new(&[&header(&text), bytemuck::cast_slice(elements)].concat())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// A header of version 1, padded to a multiple of 64 bytes.
fn header(text: &str) -> Vec<u8> {
    let len = (10 + text.len() + 1).next_multiple_of(64) - 10;
    let mut header = b"\x93NUMPY\x01\x00".to_vec();
    header.extend((len as u16).to_le_bytes());
    header.extend(format!("{text:<width$}\n", width = len - 1).bytes());
    header
}

#[track_caller]
fn refused<T: std::fmt::Debug>(result: pasha::Result<T>, words: &[&str]) {
    let error = result.expect_err("an error").to_string();
    for word in words {
        assert!(error.contains(word), "{word:?} is not in {error:?}");
    }
}

#[pasha::kernel]
fn sum(_worker_id: usize, _index: usize, row: ArrayView1<'_, u16>, #[out] sum: &mut u64) {
    *sum = row.iter().map(|&value| u64::from(value)).sum();
}

fn files_are_mapped_over_in_every_context() {
    let file = Scratch::save("<u2", false, "(4, 3)", &(0..12).collect::<Vec<u16>>());
    let rows = npy::open::<u16, Ix2>(&file.0).unwrap();
    assert_eq!(rows.shape(), [4, 3]);
    check(&rows, |row| row.to_vec());
    for context in ["serial", "threads:2", "processes:2", "processes:3"] {
        let context: Context = context.parse().unwrap();
        let mut sums = context.alloc::<u64>().shape(4).build().unwrap();
        context.map(sum { sum: &mut sums }, &rows).unwrap();
        assert_eq!(sums.to_vec(), [3, 12, 21, 30]);
        let twin = context.alloc_like(&rows).unwrap();
        assert_eq!(twin.shape(), [4, 3]);
    }
    // What a view can do: other axes, chunks of rows.
    let context = Context::serial();
    let mut sums = context.alloc::<u64>().shape(3).build().unwrap();
    context.map(sum { sum: &mut sums }, along(&rows.view(), Axis(1))).unwrap();
    assert_eq!(sums.to_vec(), [18, 22, 26]);
}

fn both_orders_and_all_ranks_are_read() {
    let file = Scratch::save("<f8", true, "(2, 3)", &[1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
    let rows = npy::open::<f64, Ix2>(&file.0).unwrap();
    assert_eq!(rows.view(), array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    check(&rows, |row| row.to_vec());
    let twin = Context::serial().alloc_like(&rows).unwrap();
    assert_eq!(twin.strides(), [1, 2]);
    assert_eq!(npy::open::<f64, IxDyn>(&file.0).unwrap().shape(), [2, 3]);

    let file = Scratch::save("<i4", false, "(3,)", &[7, 8, 9]);
    let values = npy::open::<i32, Ix1>(&file.0).unwrap();
    check(&values, |value| *value);
    assert_eq!(values.view(), array![7, 8, 9]);
    let file = Scratch::save("<i4", false, "()", &[7]);
    assert_eq!(npy::open::<i32, Ix0>(&file.0).unwrap().view()[()], 7);
    let file = Scratch::save::<i32>("<i4", false, "(0, 5, 2)", &[]);
    assert_eq!(npy::open::<i32, Ix3>(&file.0).unwrap().items().unwrap(), 0);
    // More behind the array, a later version, and a long integer of Python 2.
    let text = "{'shape': (2L,), 'fortran_order': False, 'descr': \"<u2\"}";
    let mut bytes = b"\x93NUMPY\x02\x00".to_vec();
    bytes.extend((text.len() as u32 + 20 - text.len() as u32 % 4).to_le_bytes());
    bytes.extend(format!("{text:<width$}", width = text.len() + 20 - text.len() % 4).bytes());
    bytes.extend([1, 0, 2, 0, 3, 0]);
    let file = Scratch::new(&bytes);
    assert_eq!(npy::open::<u16, Ix1>(&file.0).unwrap().view(), array![1, 2]);
}

fn every_width_is_read() {
    fn holds<T: Number + PartialEq + std::fmt::Debug>(descr: &str, values: [T; 2]) {
        let file = Scratch::save(descr, false, "(2,)", &values);
        let read: Array<T, Ix1> = npy::open(&file.0).unwrap().view().to_owned();
        assert_eq!(read.to_vec(), values);
    }
    holds("|u1", [1_u8, 255]);
    holds("<u2", [1_u16, 65_535]);
    holds("<u4", [1, u32::MAX]);
    holds("<u8", [1, u64::MAX]);
    holds("|i1", [-1_i8, 127]);
    holds("<i2", [-1_i16, 127]);
    holds("<i4", [-1, i32::MIN]);
    holds("<i8", [-1, i64::MIN]);
    holds("<f4", [1.5_f32, f32::MIN]);
    holds("=f8", [1.5, f64::MIN]);
}

fn another_type_or_rank_is_refused_with_both_named() {
    let file = Scratch::save("<u2", false, "(4, 3)", &[0_u16; 12]);
    refused(npy::open::<f32, Ix2>(&file.0), &["u2 with 2 axes", "not f4"]);
    refused(npy::open::<u16, Ix3>(&file.0), &["2 axes", "with 3"]);
    let file = Scratch::save("|b1", false, "(4,)", &[0_u8; 4]);
    refused(npy::open::<u8, Ix1>(&file.0), &["b1", "not u1"]);
}

fn what_numpy_does_not_write_is_refused() {
    refused(npy::open::<u8, Ix1>("absent.npy"), &["absent.npy", "cannot be opened"]);
    refused(npy::open::<u8, Ix1>(env!("CARGO_MANIFEST_DIR")), &["cannot be mapped"]);
    refused(npy::open::<u8, Ix1>(&Scratch::new(b"PK\x03\x04 an .npz file").0), &["no `.npy` file"]);
    refused(npy::open::<u8, Ix1>(&Scratch::new(b"\x93NUMPY\x09\x00\x00\x00").0), &["version 9"]);
    let file = Scratch::save(">u2", false, "(2,)", &[1_u16, 2]);
    refused(npy::open::<u16, Ix1>(&file.0), &["other byte order", "astype(\"<u2\")"]);
    for text in [
        "",
        "{",
        "{}",
        "{'descr': '<u2'}",
        "{'descr': '<u2', 'fortran_order': 1, 'shape': (2,)}",
        "{'descr': '<u2', 'fortran_order': False, 'shape': (-2,)}",
        "{'descr': '', 'fortran_order': False, 'shape': (2,)}",
        "{'descr': 'é', 'fortran_order': False, 'shape': (2,)}",
        "{'descr': '<u2', 'fortran_order': False, 'shape': (2",
        "{'descr': '<u2', 'fortran_order': False, 'shape': (99999999999999999999,)}",
        "{'other': '<u2'}",
    ] {
        refused(npy::open::<u16, Ix1>(&Scratch::new(&header(text)).0), &["not understood"]);
    }
    let records = "{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (2,)}";
    refused(npy::open::<u16, Ix1>(&Scratch::new(&header(records)).0), &["records"]);
    // Absurd shapes.
    for shape in ["(4611686018427387904, 8)", "(1099511627776,)"] {
        let file = Scratch::save("<u2", false, shape, &[0_u16; 2]);
        refused(npy::open::<u16, IxDyn>(&file.0), &["cut off", "shape"]);
    }
    let mut odd = b"\x93NUMPY\x01\x00".to_vec();
    let text = "{'descr': '<u2', 'fortran_order': False, 'shape': (1,)}";
    odd.extend((text.len() as u16 | 1).to_le_bytes());
    odd.extend(format!("{text:<width$}", width = text.len() | 1).bytes());
    odd.extend([1, 0]);
    refused(npy::open::<u16, Ix1>(&Scratch::new(&odd).0), &["begins at byte", "save it again"]);
}

fn a_file_cut_off_at_any_length_is_refused() {
    let file = Scratch::save("<u2", false, "(4, 3)", &[0_u16; 12]);
    let whole = fs::read(&file.0).unwrap();
    for len in 0..whole.len() {
        let cut = Scratch::new(&whole[..len]);
        assert!(npy::open::<u16, Ix2>(&cut.0).is_err(), "{len} of {} bytes", whole.len());
    }
}

#[pasha::kernel]
fn first(_worker_id: usize, _index: usize, row: ArrayView2<'_, u8>, #[out] first: &mut u8) {
    *first = row[[0, 0]];
}

fn a_file_cut_off_while_it_is_open_ends_the_worker() {
    let file = Scratch::save("|u1", false, "(8, 64, 128)", &vec![5_u8; 8 * 64 * 128]);
    let rows = npy::open::<u8, Ix3>(&file.0).unwrap();
    // Replaced by renaming, the old one stays.
    let other = Scratch::save("|u1", false, "(1, 1, 1)", &[6_u8]);
    let context = Context::processes().workers(2).build().unwrap();
    let mut firsts = context.alloc::<u8>().shape(8).build().unwrap();
    let open = fs::OpenOptions::new().write(true).open(&file.0).unwrap();
    fs::rename(&other.0, &file.0).unwrap();
    context.map(first { first: &mut firsts }, &rows).unwrap();
    assert_eq!(firsts.to_vec(), [5; 8]);
    // Cut off, it ends who reads it.
    open.set_len(16 * 1024).unwrap();
    let error = context.map(first { first: &mut firsts }, &rows).unwrap_err();
    assert_eq!(error.kind(), pasha::ErrorKind::Died, "{error}");
    assert!(error.index().is_some_and(|index| index > 0), "{error}");
    assert!(error.to_string().contains("SIGBUS"), "{error}");
}

#[pasha::kernel]
fn ramp(_worker_id: usize, index: usize, _item: usize, #[out] row: &mut [f32], #[reduce(sum)] total: &mut u64) {
    row.iter_mut().zip(0..).for_each(|(value, place)| *value = (10 * index + place) as f32);
    *total += index as u64;
}

fn outputs_lie_in_files_in_every_context() {
    for context in ["serial", "threads:2", "processes:2", "processes:3"] {
        let context: Context = context.parse().unwrap();
        // A file that is there is replaced; who has it open keeps it.
        let file = Scratch::save("<f4", false, "(1,)", &[7.0_f32]);
        let old = npy::open::<f32, Ix1>(&file.0).unwrap();
        let mut rows = context.alloc::<f32>().shape((5, 3)).fill(-1.0).file(&file.0).build().unwrap();
        let mut total = context.alloc::<u64>().shape(()).build().unwrap();
        assert_eq!(rows.as_ptr() as usize % 128, 0);
        context.map(ramp { row: &mut rows, total: &mut total }, 0..5_usize).unwrap();
        assert_eq!((rows[[4, 2]], total[()]), (42.0, 10));
        // It is in the file at once.
        assert_eq!(npy::open::<f32, Ix2>(&file.0).unwrap().view(), rows);
        let before = rows.to_owned();
        drop(rows);
        assert_eq!(npy::open::<f32, Ix2>(&file.0).unwrap().view(), before);
        assert_eq!(old.view().to_vec(), [7.0]);

        let columns = context.alloc::<i16>().shape((2, 4)).order(Order::F).fill(3).file(&file.0).build().unwrap();
        assert_eq!(columns.strides(), [1, 2]);
        let read = npy::open::<i16, Ix2>(&file.0).unwrap();
        assert_eq!((read.view().strides(), read.view()), (&[1, 2][..], columns.view()));
        let workers = context.alloc::<u8>().shape(4).per_worker().file(&file.0).build().unwrap();
        assert_eq!(npy::open::<u8, Ix2>(&file.0).unwrap().shape(), [context.workers(), 4]);
        drop((columns, workers));
        let empty = context.alloc::<u64>().shape((0, 4)).file(&file.0).build().unwrap();
        assert_eq!(npy::open::<u64, Ix2>(&file.0).unwrap().shape(), empty.shape());
    }
}

fn outputs_that_cannot_be_made_are_refused() {
    let context = Context::serial();
    let refuse = |builder: pasha::Builder<u8, Ix1>, words: &[&str]| refused(builder.build(), words);
    refuse(context.alloc::<u8>().shape(4).file("/nowhere/out.npy"), &["/nowhere/out.npy", "cannot be created"]);
    refuse(context.alloc::<u8>().shape(4).file(env!("CARGO_TARGET_TMPDIR")), &["cannot be replaced"]);
    let file = Scratch::new(b"");
    refuse(context.alloc::<u8>().shape(1 << 60).file(&file.0), &["as long as the array"]);
}
