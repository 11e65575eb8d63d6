//! How the parameters of a kernel print: by name and shape, whatever their elements.

use ndarray::Axis;

use super::*;
use crate::Context;

/// An element that does not print.
#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
struct Pixel {
    value: f32,
}

#[test]
fn bound_parameters_print_their_name_and_shape() {
    let ctx = Context::serial();
    let mut rows = ctx.alloc::<Pixel>().shape((3, 2)).build().unwrap();
    let mut sums = ctx.alloc::<Pixel>().shape(4).per_worker().build().unwrap();
    assert_eq!(
        format!("{:?}", Out::<&mut [Pixel]>::new(&mut rows, "rows", 0)),
        r#"Out { name: "rows", shape: [3, 2], axis: 0, .. }"#
    );
    assert_eq!(
        format!("{:?}", PerWorker::<&mut [Pixel]>::new(&mut sums, "sums")),
        r#"PerWorker { name: "sums", shape: [1, 4], .. }"#
    );
    let fold = With::from_zero(|total: &mut Pixel, part: &Pixel| total.value += part.value);
    assert_eq!(
        format!("{:?}", Reduce::<ndarray::ArrayViewMut2<'_, Pixel>, _>::new(&mut rows, "rows", fold)),
        r#"Reduce { name: "rows", shape: [3, 2], .. }"#
    );
    let ranges = rows.ranges_along(Axis(1), &[0, 1, 1, 2]).unwrap();
    assert_eq!(
        format!("{:?}", OutRanges::<ndarray::ArrayViewMut2<'_, Pixel>>::new(ranges, "runs")),
        r#"OutRanges { name: "runs", runs: 3, .. }"#
    );
    assert_eq!(format!("{:?}", Scratch::new(Vec::<f64>::new)), "Scratch { .. }");
    assert_eq!(format!("{:?}", (Param::new(1.5), ())), "(Param(1.5), ())");
}

#[test]
fn slots_print_what_they_lend() {
    let slots = Slots::<'_, (Param<u8>, (Option<Param<&str>>, ()))>((7, (Some("seven"), ())));
    assert_eq!(format!("{slots:?}"), r#"Slots((7, (Some("seven"), ())))"#);
}
