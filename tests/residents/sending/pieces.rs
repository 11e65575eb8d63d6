//! Functors and parameters made of any pieces, private and shared: sent or not, the results are those of a loop.
//!
//! What a map was given is overwritten and freed before the next, so that a worker that still looked at it would be seen.

use std::cell::Cell;

use ndarray::{Array2, ArrayView1, ArrayView2, s};
use pasha::prelude::*;
use pasha_tests::support::Case;
use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, prop_oneof};
use proptest::sample::select;
use proptest::test_runner::{Config, TestCaseError, TestRunner};

/// The cases.
pub(super) const CASES: &[Case] = &[Case {
    name: concat!(module_path!(), "::results_are_those_of_a_loop_whether_or_not_the_pieces_travel"),
    run: |setting| results_are_those_of_a_loop_whether_or_not_the_pieces_travel(setting.ctx()),
}];

/// A part of an axis, in steps that may go backwards.
#[derive(Clone, Copy, Debug)]
struct Steps {
    from: usize,
    len: usize,
    step: isize,
}

/// A part of a matrix.
#[derive(Clone, Debug)]
struct Piece {
    shape: [usize; 2],
    is_shared: bool,
    steps: [Steps; 2],
    is_turned: bool,
    seed: u64,
}

/// A matrix that a piece is a part of.
enum Matrix {
    Private(Array2<u64>),
    Shared(SharedArray<u64, pasha::Ix2>),
}

impl Steps {
    fn any() -> impl Strategy<Value = Self> {
        (0..3_usize, 0..9_usize, select(&[1, 1, 1, -1, 2, -2, 3][..])).prop_map(|(from, len, step)| Self {
            from,
            len,
            step,
        })
    }

    /// All of an axis, one after another.
    const ALL: Self = Self { from: 0, len: usize::MAX, step: 1 };

    fn slice(self, axis: usize) -> ndarray::Slice {
        let from = self.from.min(axis);
        let end = from.saturating_add(self.len).min(axis);
        ndarray::Slice::new(from as isize, Some(end as isize), self.step)
    }
}

impl Piece {
    /// Small enough to be copied, or far too large.
    fn any() -> impl Strategy<Value = Self> {
        let small = (0..8_usize, 0..8_usize).prop_map(|(rows, columns)| [rows, columns]);
        let shape = prop_oneof![9 => small, 1 => select(&[[1 << 9, 1 << 9], [1 << 18, 1]][..])];
        let all = select(&[[Steps::ALL; 2]][..]);
        let steps = prop_oneof![1 => all, 2 => [Steps::any(), Steps::any()]];
        (shape, any::<bool>(), steps, any::<bool>(), any::<u64>())
            .prop_map(|(shape, is_shared, steps, is_turned, seed)| Self { shape, is_shared, steps, is_turned, seed })
    }

    fn make(&self, ctx: &Context) -> Matrix {
        let [rows, columns] = self.shape;
        let value = |(row, column): (usize, usize)| self.seed.wrapping_mul(row as u64 + 3).wrapping_add(column as u64);
        if !self.is_shared {
            return Matrix::Private(Array2::from_shape_fn((rows, columns), value));
        }
        let mut array = ctx.alloc::<u64>().shape((rows, columns)).build().unwrap();
        array.view_mut().indexed_iter_mut().for_each(|(at, to)| *to = value(at));
        Matrix::Shared(array)
    }

    fn of<'m>(&self, matrix: &'m Matrix) -> ArrayView2<'m, u64> {
        let whole = match matrix {
            Matrix::Private(array) => array.view(),
            Matrix::Shared(array) => array.view(),
        };
        let [rows, columns] = self.shape;
        let part = whole.slice_move(s![self.steps[0].slice(rows), self.steps[1].slice(columns)]);
        if self.is_turned { part.reversed_axes() } else { part }
    }

    /// A run in memory.
    fn list<'m>(&self, matrix: &'m Matrix) -> &'m [u64] {
        let all = match matrix {
            Matrix::Private(array) => array.as_slice(),
            Matrix::Shared(array) => array.as_slice(),
        };
        let all = all.expect("it was made like this");
        let from = self.steps[0].from.min(all.len());
        &all[from..from.saturating_add(self.steps[0].len).min(all.len())]
    }
}

impl Matrix {
    /// Overwrites what workers must not see any more.
    fn spoil(self) {
        match self {
            Matrix::Private(mut array) => array.fill(u64::MAX / 3),
            Matrix::Shared(mut array) => array.view_mut().fill(u64::MAX / 5),
        }
    }
}

/// What is done with the pieces.
#[derive(Clone, Copy, Debug)]
enum Way {
    Zipped,
    Derived,
    Boxed,
    InChunks,
}

#[derive(pasha::Functor)]
struct Both<'a> {
    rows: ArrayView2<'a, u64>,
    #[functor(axis = 1)]
    columns: ArrayView2<'a, u64>,
    #[functor(broadcast)]
    factor: u64,
}

#[pasha::kernel]
fn mix(
    _worker_id: usize,
    _index: usize,
    row: ArrayView1<'_, u64>,
    column: ArrayView1<'_, u64>,
    #[param] factor: u64,
    #[param] view: ArrayView2<'_, u64>,
    #[param] list: &[u64],
    #[out] mixed: &mut u64,
) {
    *mixed = mixture(row, column, factor, view, list);
}

#[pasha::kernel]
fn mix_derived(
    _worker_id: usize,
    _index: usize,
    item: BothItem<'_>,
    #[param] view: ArrayView2<'_, u64>,
    #[param] list: &[u64],
    #[out] mixed: &mut u64,
) {
    *mixed = mixture(item.rows, item.columns, *item.factor, view, list);
}

#[pasha::kernel]
fn mix_chunk(
    _worker_id: usize,
    _index: usize,
    rows: ArrayView2<'_, u64>,
    #[param] view: ArrayView2<'_, u64>,
    #[param] list: &[u64],
    #[out] mixed: &mut u64,
) {
    *mixed = digest(rows.iter()).wrapping_add(mixture(ArrayView1::from(&[]), ArrayView1::from(&[]), 0, view, list));
}

fn mixture(
    row: ArrayView1<'_, u64>,
    column: ArrayView1<'_, u64>,
    factor: u64,
    view: ArrayView2<'_, u64>,
    list: &[u64],
) -> u64 {
    let parts = [digest(row), digest(column), factor, view.len() as u64, digest(view.iter().take(50)), digest(list)];
    digest(&parts)
}

/// Depends on the order.
fn digest<'v>(values: impl IntoIterator<Item = &'v u64>) -> u64 {
    values.into_iter().fold(7, |digest, value| digest.wrapping_mul(31).wrapping_add(*value))
}

fn results_are_those_of_a_loop_whether_or_not_the_pieces_travel(ctx: &Context) {
    let ways = select(&[Way::Zipped, Way::Derived, Way::Boxed, Way::InChunks][..]);
    let pieces = [Piece::any(), Piece::any(), Piece::any(), Piece::any()];
    let config = Config { cases: 150, failure_persistence: None, ..Config::default() };
    let (sent, forked) = (Cell::new(0), Cell::new(0));
    let outcome = TestRunner::new(config).run(&(ways, pieces), |(way, pieces)| {
        let counter = if tried(ctx, way, &pieces)? { &sent } else { &forked };
        counter.set(counter.get() + 1);
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
    let (sent, forked) = (sent.get(), forked.get());
    assert!(sent > 10 && forked > 10, "{sent} were sent, {forked} forked");
}

/// Whether the map was sent, if its results are right.
fn tried(ctx: &Context, way: Way, pieces: &[Piece; 4]) -> Result<bool, TestCaseError> {
    let matrices = pieces.each_ref().map(|piece| piece.make(ctx));
    let [rows, columns, view] = [0, 1, 2].map(|piece: usize| pieces[piece].of(&matrices[piece]));
    let list = pieces[3].list(&matrices[3]);
    let items = rows.nrows().min(columns.ncols()).min(40);
    let (rows, columns) = (rows.slice_move(s![..items, ..]), columns.slice_move(s![.., ..items]));
    let (factor, chunk) = (pieces[0].seed, 3);
    let loops: Vec<u64> = match way {
        Way::InChunks => {
            let empty = || ArrayView1::from(&[]);
            let rest = mixture(empty(), empty(), 0, view, list);
            rows.axis_chunks_iter(Axis(0), chunk).map(|rows| digest(rows.iter()).wrapping_add(rest)).collect()
        }
        _ => (0..items).map(|at| mixture(rows.row(at), columns.column(at), factor, view, list)).collect(),
    };
    let mut mixed = ctx.alloc::<u64>().shape(loops.len()).build().unwrap();
    let to = &mut mixed;
    let report = match way {
        Way::Zipped => ctx.map(mix { factor, view, list, mixed: to }, zip(rows, along(&columns, Axis(1)))),
        Way::Derived => ctx.map(mix_derived { view, list, mixed: to }, &Both { rows, columns, factor }),
        Way::Boxed => ctx.map(mix_derived { view, list, mixed: to }, Box::new(Both { rows, columns, factor })),
        Way::InChunks => ctx.map(mix_chunk { view, list, mixed: to }, chunks(&rows, chunk)),
    };
    let report = report.unwrap();
    prop_assert_eq!(mixed.to_vec(), loops);
    let is_shared = pieces.iter().all(|piece| piece.is_shared);
    prop_assert!(!is_shared || report.why_forked().is_none(), "{:?}", report.why_forked());
    matrices.into_iter().for_each(Matrix::spoil);
    Ok(report.why_forked().is_none())
}
