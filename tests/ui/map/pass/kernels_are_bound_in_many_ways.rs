//! Binding: in place, in a variable, by reborrowed references, in a function, out of an `Option`.

use pasha::prelude::*;
use pasha::{Ix1, Report};

#[pasha::kernel]
fn triple_it(_worker_id: usize, _index: usize, value: &f64, #[out] tripled: &mut f64) {
    *tripled = 3.0 * value;
}

fn triple(ctx: &Context, values: &[f64], tripled: &mut SharedArray<f64, Ix1>) -> pasha::Result<Report> {
    ctx.map(triple_it { tripled }, values)
}

fn bind(tripled: &mut SharedArray<f64, Ix1>) -> triple_it<'_> {
    triple_it { tripled }
}

struct Analysis {
    ctx: Context,
    tripled: SharedArray<f64, Ix1>,
}

impl Analysis {
    fn run(&mut self, values: &[f64]) -> pasha::Result<f64> {
        let Self { ctx, tripled } = self;
        ctx.map(triple_it { tripled }, values)?;
        Ok(self.tripled.sum())
    }
}

#[test]
fn all_of_them_map() -> pasha::Result<()> {
    let ctx = Context::threads().workers(2).build()?;
    let values = [1.0, 2.0];
    let mut tripled = ctx.alloc::<f64>().shape(2).build()?;
    ctx.map(triple_it { tripled: &mut tripled }, &values)?;
    let kernel = triple_it { tripled: &mut tripled };
    ctx.map(kernel, values)?;
    ctx.map(bind(&mut tripled), &values[..])?;
    assert_eq!(triple(&ctx, &values, &mut tripled)?.items(), 2);
    {
        let lent = &mut tripled;
        ctx.map(triple_it { tripled: &mut *lent }, &values)?;
        ctx.map(triple_it { tripled: lent }, &values)?;
    }
    let mut boxed = Box::new(tripled);
    ctx.map(triple_it { tripled: &mut boxed }, &values)?;
    let mut all = vec![*boxed];
    for tripled in &mut all {
        ctx.map(triple_it { tripled }, &values)?;
    }
    if let Some(tripled) = all.first_mut() {
        ctx.map(triple_it { tripled }, &values)?;
    }
    let tripled = all.pop().expect("it was put there");
    assert_eq!(Analysis { ctx, tripled }.run(&values)?, 9.0);
    Ok(())
}

#[test]
fn a_kernel_may_go_to_another_thread() -> pasha::Result<()> {
    let ctx = Context::serial();
    let mut tripled = ctx.alloc::<f64>().shape(2).build()?;
    std::thread::scope(|scope| {
        let kernel = triple_it { tripled: &mut tripled };
        scope.spawn(|| ctx.map(kernel, &[1.0, 2.0])).join().expect("it does not panic")
    })?;
    assert_eq!(tripled.sum(), 9.0);
    Ok(())
}

#[test]
fn every_functor_of_the_same_items_will_do() -> pasha::Result<()> {
    let ctx = Context::serial();
    let mut tripled = ctx.alloc::<f64>().shape(2).build()?;
    let vector = vec![1.0, 2.0];
    let array = ndarray::array![1.0, 2.0];
    let table = ndarray::array![[1.0, 2.0], [3.0, 4.0]];
    let shared = ctx.alloc().shape(2).fill_from(&array).build()?;
    let boxed: Box<[f64]> = vec![1.0, 2.0].into();
    ctx.map(triple_it { tripled: &mut tripled }, &vector)?;
    ctx.map(triple_it { tripled: &mut tripled }, vector)?;
    ctx.map(triple_it { tripled: &mut tripled }, [1.0, 2.0])?;
    ctx.map(triple_it { tripled: &mut tripled }, &*boxed)?;
    ctx.map(triple_it { tripled: &mut tripled }, &array)?;
    ctx.map(triple_it { tripled: &mut tripled }, array.view())?;
    ctx.map(triple_it { tripled: &mut tripled }, table.column(1))?;
    ctx.map(triple_it { tripled: &mut tripled }, &table.diag())?;
    ctx.map(triple_it { tripled: &mut tripled }, array.slice(ndarray::s![..;-1]))?;
    ctx.map(triple_it { tripled: &mut tripled }, &&&array)?;
    ctx.map(triple_it { tripled: &mut tripled }, along(&array, Axis(0)))?;
    ctx.map(triple_it { tripled: &mut tripled }, shared)?;
    assert_eq!(tripled.to_vec(), [3.0, 6.0]);
    Ok(())
}
