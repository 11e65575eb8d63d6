use std::ptr::NonNull;

use pasha::{Ix0, Slot};

struct Everything;

impl Slot for Everything {
    type Elem = f64;
    type Dim = Ix0;
    type At<'s> = &'s mut f64;
    type Extent = ();

    fn extent(_lens: &[usize], _strides: &[isize]) -> Option<()> {
        Some(())
    }

    fn stretched(_extent: &(), _axis: usize, _len: usize) {}

    unsafe fn at<'s>(start: NonNull<f64>, _extent: &()) -> &'s mut f64 {
        unsafe { &mut *start.as_ptr().add(1000) }
    }
}

fn main() {
    let mut value = 1.0;
    let _slot = <&mut f64 as Slot>::at(NonNull::from(&mut value), &());
}
