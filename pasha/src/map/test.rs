//! Maps by a crew of scoped threads: what Miri can see of the loop, the shares and the disjoint writes.

use std::ops::ControlFlow;
use std::sync::Mutex;

use ndarray::{ArrayViewMut, ArrayViewMut2, Axis, Dimension, Ix1, Ix2};

use super::*;
use crate::array::{Builder, Order};
use crate::context::Settings;
use crate::context::job::{Crew, Done, lowest};
use crate::kernel::{OutRanges, PerWorker, Plain, Reduce, Scratch, Sum, Takes};
use crate::share::{Board, Head, Ledger, Plan, Post, Schedule};
use crate::sys::memory::Sharing;

/// As many threads as the plan has workers, for one map.
#[derive(Debug)]
struct Scoped;

impl Crew for Scoped {
    fn sharing(&self) -> Sharing {
        Sharing::Threads
    }

    fn run(&self, job: &dyn Job, plan: Plan) -> Result<Done> {
        let head = Head::default();
        let posts: Vec<Post> = (0..plan.workers).map(|_| Post::default()).collect();
        let board = Board::set(&head, &posts, Ledger::none(), plan);
        let errors = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for worker in plan.starters() {
                let errors = &errors;
                scope.spawn(move || {
                    let lease = board.lease(worker).expect("a worker is leased once");
                    if let Err(failure) = job.work(lease) {
                        failure.index.into_iter().for_each(|index| board.fail_at(index));
                        errors.lock().expect("nobody panics here").push(failure.into_error(worker, None));
                    }
                });
            }
        });
        lowest(errors.into_inner().expect("nobody panics here")).map_or_else(|| Ok(board.report().into()), Err)
    }
}

fn scoped(workers: usize, schedule: Schedule) -> Context {
    Context::new("scoped", Settings::of(workers, schedule), Box::new(Scoped))
}

fn contexts() -> Vec<Context> {
    let mut contexts = vec![Context::serial()];
    for workers in [1, 2, 3] {
        contexts.extend([Schedule::Static, Schedule::Dynamic].map(|schedule| scoped(workers, schedule)));
    }
    contexts
}

/// A kernel written by hand: what the macro would write for all kinds of parameters at once.
struct Everything<'k> {
    element: &'k mut SharedArray<u64, Ix1>,
    row: &'k mut SharedArray<u8, Ix2>,
    column: &'k mut SharedArray<f32, Ix2>,
    run: crate::Ranges<'k, u16, Ix2>,
    seen: &'k mut SharedArray<u32, Ix2>,
    total: &'k mut SharedArray<f64, Ix1>,
    absent: Option<&'k mut SharedArray<u64, Ix1>>,
}

type Column<'k> = ArrayViewMut<'k, f32, Ix1>;
type Run<'k> = ArrayViewMut2<'k, u16>;

impl<'k> Kernel for Everything<'k> {
    type Binds = (
        Out<'k, &'k mut u64>,
        (
            Out<'k, &'k mut [u8]>,
            (
                Out<'k, Column<'k>>,
                (
                    OutRanges<'k, Run<'k>>,
                    (
                        PerWorker<'k, &'k mut [u32]>,
                        (
                            Reduce<'k, &'k mut [f64], Sum>,
                            (Option<Out<'k, &'k mut u64>>, (Scratch<Vec<usize>, fn() -> Vec<usize>>, ())),
                        ),
                    ),
                ),
            ),
        ),
    );

    fn bind(self) -> Self::Binds {
        let reduce = (
            Reduce::new(self.total, "total", Sum),
            (self.absent.map(|array| Out::new(array, "absent", 0)), (Scratch::new(Vec::new as fn() -> _), ())),
        );
        let ranges = (OutRanges::new(self.run, "run"), (PerWorker::new(self.seen, "seen"), reduce));
        (
            Out::new(self.element, "element", 0),
            (Out::new(self.row, "row", 0), (Out::new(self.column, "column", 1), ranges)),
        )
    }
}

impl<'i> Takes<&'i u64> for Everything<'_> {
    type Output = Plain<()>;

    fn call(
        worker: usize,
        index: usize,
        item: &'i u64,
        Slots((element, (row, (mut column, (mut run, (seen, (total, (absent, (scratch, ()))))))))): Slots<
            '_,
            Self::Binds,
        >,
    ) -> Plain<()> {
        *element += *item;
        row.fill(index as u8);
        column.fill(index as f32);
        run += 1;
        seen[worker % seen.len()] += 1;
        total[index % 2] += *item as f64;
        if let Some(absent) = absent {
            *absent += 1;
        }
        scratch.push(index);
        Plain(())
    }
}

#[test]
fn all_kinds_of_parameters_write_where_they_should() -> Result<()> {
    let items: Vec<u64> = (0..11).map(|item| item * 3).collect();
    let mut offsets = vec![0];
    offsets.extend(items.iter().enumerate().map(|(at, _)| 1 + at * (at + 1) / 4));
    for ctx in contexts() {
        let mut element = ctx.alloc().shape(11).fill(1).build()?;
        let mut row = ctx.alloc().shape((11, 3)).build()?;
        let mut column = ctx.alloc().shape((4, 11)).build()?;
        let mut flat = ctx.alloc::<u16>().shape((2, 40)).order(Order::F).build()?;
        let mut seen = ctx.alloc().shape(5).per_worker().build()?;
        let mut total = ctx.alloc().shape(2).fill(-1.0).build()?;
        let mut absent = ctx.alloc().shape(11).build()?;
        let kernel = Everything {
            element: &mut element,
            row: &mut row,
            column: &mut column,
            run: flat.ranges_along(Axis(1), &offsets)?,
            seen: &mut seen,
            total: &mut total,
            absent: (ctx.workers() > 1).then_some(&mut absent),
        };
        assert_eq!(ctx.map(kernel, &items)?.items(), 11);
        for (index, item) in items.iter().enumerate() {
            assert_eq!(element[index], item + 1);
            assert!(row.row(index).iter().all(|value| *value == index as u8));
            assert!(column.column(index).iter().all(|value| *value == index as f32));
        }
        let written = offsets[11] - offsets[0];
        assert_eq!(flat.iter().map(|value| usize::from(*value)).sum::<usize>(), 2 * written);
        assert_eq!(seen.sum(), 11);
        assert_eq!(total.to_vec(), [0.0 + 6.0 + 12.0 + 18.0 + 24.0 + 30.0, 3.0 + 9.0 + 15.0 + 21.0 + 27.0]);
        assert_eq!(absent.sum(), if ctx.workers() > 1 { 11 } else { 0 });
    }
    Ok(())
}

struct Fails<'k> {
    done: &'k mut SharedArray<u8, Ix1>,
}

impl<'k> Kernel for Fails<'k> {
    type Binds = (Out<'k, &'k mut u8>, (Scratch<Dear, fn() -> Dear>, ()));

    fn bind(self) -> Self::Binds {
        (Out::new(self.done, "done", 0), (Scratch::new(Dear::default as fn() -> Dear), ()))
    }
}

/// Owns memory, so that a leak or a double drop would be seen.
#[derive(Default)]
struct Dear(Vec<usize>);

impl Takes<usize> for Fails<'_> {
    type Output = Result<(), String>;

    fn call(
        _worker: usize,
        index: usize,
        _item: usize,
        Slots((done, (dear, ()))): Slots<'_, Self::Binds>,
    ) -> Self::Output {
        dear.0.push(index);
        match index {
            7 | 13 => Err(format!("no {index}")),
            9 | 12 => panic!("never {index}"),
            _ => {
                *done = 1;
                Ok(())
            }
        }
    }
}

#[test]
fn the_lowest_failure_wins_and_everything_below_it_is_done() -> Result<()> {
    for ctx in contexts() {
        let mut done = ctx.alloc().shape(20).build()?;
        let error = ctx.map(Fails { done: &mut done }, 0..20usize).expect_err("item 7 fails");
        assert_eq!((error.kind(), error.index()), (ErrorKind::Kernel, Some(7)), "{error}");
        assert_eq!(done.to_vec()[..8], [1, 1, 1, 1, 1, 1, 1, 0]);
    }
    Ok(())
}

/// A functor that never tells the truth.
struct Liar {
    surplus: bool,
}

impl<'a> crate::functor::Items<'a> for Liar {
    type Item = usize;
}

impl Functor for Liar {
    type State = std::rc::Rc<u8>;

    fn items(&self) -> Result<usize> {
        Ok(9)
    }

    fn state(&self) -> Result<Self::State> {
        Ok(std::rc::Rc::new(1))
    }

    fn item<'a>(&'a self, _state: &'a mut Self::State, _index: usize) -> Result<usize> {
        Ok(usize::MAX)
    }

    fn visit(
        &self,
        _state: &mut Self::State,
        share: Range<usize>,
        mut each: impl FnMut(usize) -> ControlFlow<()>,
    ) -> Result<()> {
        let count = if self.surplus { share.len() + 5 } else { share.len() - 1 };
        for item in 0..count {
            // Not even a break is heeded.
            let _ = each(item);
        }
        Ok(())
    }
}

struct Count<'k>(&'k mut SharedArray<u64, Ix1>);

impl<'k> Kernel for Count<'k> {
    type Binds = (Out<'k, &'k mut u64>, ());

    fn bind(self) -> Self::Binds {
        (Out::new(self.0, "counts", 0), ())
    }
}

impl Takes<usize> for Count<'_> {
    type Output = Plain<()>;

    fn call(_worker: usize, _index: usize, _item: usize, Slots((count, ())): Slots<'_, Self::Binds>) -> Plain<()> {
        *count += 1;
        Plain(())
    }
}

#[test]
fn a_functor_that_lies_writes_no_slot_twice() -> Result<()> {
    for ctx in contexts() {
        for surplus in [true, false] {
            let mut counts = ctx.alloc().shape(9).build()?;
            let error = ctx.map(Count(&mut counts), Liar { surplus }).expect_err("it lies");
            assert_eq!(error.kind(), ErrorKind::Functor);
            assert!(counts.iter().all(|count| *count <= 1), "{counts}");
        }
    }
    Ok(())
}

#[test]
fn views_of_any_rank_lie_within_their_slot() -> Result<()> {
    fn check<D: Dimension>(shape: D::Larger) -> Result<()> {
        for order in [Order::C, Order::F] {
            for axis in 0..shape.ndim() {
                let ctx = scoped(2, Schedule::Dynamic);
                let mut array = Builder::<u32>::new(Ok(ctx.clone())).shape(shape.clone()).order(order).build()?;
                let items = array.len_of(Axis(axis));
                ctx.map(Paint::<D> { array: &mut array, axis }, 0..items)?;
                for (index, slot) in array.view().into_dyn().axis_iter(Axis(axis)).enumerate() {
                    assert!(slot.iter().all(|value| *value == index as u32 + 1));
                }
            }
        }
        Ok(())
    }
    check::<ndarray::Ix0>(ndarray::Ix1(5))?;
    check::<Ix1>(Ix2(3, 4))?;
    check::<Ix2>(ndarray::Ix3(3, 1, 4))?;
    check::<ndarray::Ix3>(ndarray::Ix4(2, 3, 0, 2))?;
    check::<ndarray::IxDyn>(ndarray::IxDyn(&[3, 2, 2]))
}

struct Paint<'k, D: Dimension> {
    array: &'k mut SharedArray<u32, D::Larger>,
    axis: usize,
}

impl<'k, D: Dimension> Kernel for Paint<'k, D> {
    type Binds = (Out<'k, ArrayViewMut<'k, u32, D>>, ());

    fn bind(self) -> Self::Binds {
        (Out::new(self.array, "array", self.axis), ())
    }
}

impl<D: Dimension> Takes<usize> for Paint<'_, D> {
    type Output = Plain<()>;

    fn call(_worker: usize, index: usize, item: usize, Slots((mut slot, ())): Slots<'_, Self::Binds>) -> Plain<()> {
        assert_eq!(index, item);
        slot += index as u32 + 1;
        Plain(())
    }
}
