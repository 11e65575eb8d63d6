//! What an array can be allocated like.

use ndarray::{ArrayBase, ArrayRef, Data, Dimension, Ix1, Order};

use super::{Element, SharedArray};

/// Something with an element type, a shape and a memory order: arrays, views, slices and vectors.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no shape to allocate like",
    note = "arrays, views, slices and vectors of plain data have"
)]
pub trait Like {
    /// Its element type.
    type Elem: Element;
    /// Its rank.
    type Dim: Dimension;

    /// Its shape.
    fn dim(&self) -> Self::Dim;

    /// The order in which it lies in memory, if it is one of the two.
    fn order(&self) -> Option<Order>;
}

impl<T: Element> Like for [T] {
    type Elem = T;
    type Dim = Ix1;

    fn dim(&self) -> Ix1 {
        Ix1(self.len())
    }

    fn order(&self) -> Option<Order> {
        None
    }
}

impl<T: Element> Like for Vec<T> {
    type Elem = T;
    type Dim = Ix1;

    fn dim(&self) -> Ix1 {
        self.as_slice().dim()
    }

    fn order(&self) -> Option<Order> {
        None
    }
}

impl<T: Element, const N: usize> Like for [T; N] {
    type Elem = T;
    type Dim = Ix1;

    fn dim(&self) -> Ix1 {
        self.as_slice().dim()
    }

    fn order(&self) -> Option<Order> {
        None
    }
}

impl<T: Element, S: Data<Elem = T>, D: Dimension> Like for ArrayBase<S, D> {
    type Elem = T;
    type Dim = D;

    fn dim(&self) -> D {
        self.raw_dim()
    }

    fn order(&self) -> Option<Order> {
        order_of(self)
    }
}

impl<T: Element, D: Dimension> Like for SharedArray<T, D> {
    type Elem = T;
    type Dim = D;

    fn dim(&self) -> D {
        self.raw_dim()
    }

    fn order(&self) -> Option<Order> {
        order_of(self)
    }
}

impl<L: Like + ?Sized> Like for &L {
    type Elem = L::Elem;
    type Dim = L::Dim;

    fn dim(&self) -> L::Dim {
        (**self).dim()
    }

    fn order(&self) -> Option<Order> {
        (**self).order()
    }
}

/// C before F where both hold, as for one axis.
fn order_of<T, D: Dimension>(array: &ArrayRef<T, D>) -> Option<Order> {
    if array.is_standard_layout() {
        Some(Order::RowMajor)
    } else if array.t().is_standard_layout() {
        Some(Order::ColumnMajor)
    } else {
        None
    }
}
