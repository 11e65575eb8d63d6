//! A shared array as a functor: what it derefs to is one.

use ndarray::{ArrayRef, Axis, Order};

use super::{Element, SharedArray};
use crate::functor::{AxisItem, forward, packed};
use crate::sys::memory::{Memory, Span};

forward!(Functor for [T: Element, D: AxisItem] SharedArray<T, D> as ArrayRef<T, D> {
    packed!(|this, parcel| {
        if D::NDIM.is_none() {
            return parcel.refuse(|| "the number of axes of an array is known at run time only".to_owned());
        }
        let order = if this.is_standard_layout() { Order::RowMajor } else { Order::ColumnMajor };
        let parts = Parts { span: this.span(), dim: this.raw_dim(), order, worker_axis: this.worker_axis() };
        // SAFETY: the parts have no pointers, but for the address of the array's memory; a dimension of fixed rank has none.
        let parts = unsafe { parcel.plain(parts, &[this.span()]) }?;
        parcel.make(parts, |Parts { span, dim, order, worker_axis }| {
            let memory = Memory::borrowed(span).expect("the memory was seen to lie in the reserve");
            SharedArray::over(memory, dim, order, worker_axis)
        })
    });
});

/// What an array is made of again, over memory that it does not own.
struct Parts<D> {
    span: Span,
    dim: D,
    order: Order,
    worker_axis: Option<Axis>,
}
forward!(AxisFunctor for [T: Element, D: AxisItem] SharedArray<T, D> as ArrayRef<T, D>);
forward!(Rows for [T: Element, D: AxisItem] SharedArray<T, D> as ArrayRef<T, D>);
