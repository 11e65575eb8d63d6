#[allow(
    clippy::too_many_arguments,
    clippy::needless_pass_by_value,
    clippy::trivially_copy_pass_by_ref
)]
fn see(
    _worker_id: usize,
    _index: usize,
    value: &f64,
    plane: ArrayViewMut2<'_, f64>,
    any: ndarray::ArrayViewMutD<'_, f64>,
    given: ArrayViewMut<'_, Pixel, D>,
    named: Frame<'_>,
) {}
/// The kernel `see` with what it works on: built as a literal, then mapped.
#[allow(missing_debug_implementations, non_camel_case_types, clippy::type_complexity)]
#[must_use = "a bound kernel does nothing until it is mapped"]
struct see<'__k> {
    /// Where `plane` is written: a slot for each item.
    pub plane: &'__k mut ::pasha::__private::SharedArray<f64, ::pasha::__private::Ix3>,
    /// Where `any` is written: a slot for each item.
    pub any: &'__k mut ::pasha::__private::SharedArray<f64, ::pasha::__private::IxDyn>,
    /// Where `given` is written: a slot for each item.
    pub given: &'__k mut ::pasha::__private::SharedArray<
        Pixel,
        <D as ::pasha::__private::Dimension>::Larger,
    >,
    /// Where `named` is written: a slot for each item.
    pub named: ::pasha::__private::OutField<'__k, Frame<'__k>>,
}
#[allow(trivial_bounds, unused_qualifications)]
const _: () = {
    use ::pasha::__private as __p;
    #[allow(dead_code, non_snake_case)]
    impl<'__k> see<'__k>
    where
        for<'__x> <&'__x Pixel as ::core::ops::Deref>::Target: __p::Element,
    {
        /// Starts an array to bind to `plane`, which says its element type and rank.
        fn alloc_plane(
            ctx: &__p::Context,
            shape: impl __p::Shape<Dim = __p::Ix3>,
        ) -> __p::Builder<f64, __p::Ix3> {
            ctx.alloc().shape(shape)
        }
        /// Starts an array to bind to `any`, which says its element type and rank.
        fn alloc_any(
            ctx: &__p::Context,
            shape: impl __p::Shape<Dim = __p::IxDyn>,
        ) -> __p::Builder<f64, __p::IxDyn> {
            ctx.alloc().shape(shape)
        }
        /// Starts an array to bind to `given`, which says its element type and rank.
        fn alloc_given(
            ctx: &__p::Context,
            shape: impl __p::Shape<Dim = <D as __p::Dimension>::Larger>,
        ) -> __p::Builder<Pixel, <D as __p::Dimension>::Larger> {
            ctx.alloc().shape(shape)
        }
        /// Starts an array to bind to `named`, which says its element type and rank.
        fn alloc_named(
            ctx: &__p::Context,
            shape: impl __p::Shape<
                Dim = <<Frame<'__k> as __p::Slot>::Dim as __p::Dimension>::Larger,
            >,
        ) -> __p::Builder<
            <Frame<'__k> as __p::Slot>::Elem,
            <<Frame<'__k> as __p::Slot>::Dim as __p::Dimension>::Larger,
        > {
            ctx.alloc().shape(shape)
        }
    }
    impl<'__k> __p::Kernel for see<'__k>
    where
        for<'__x> <&'__x Pixel as ::core::ops::Deref>::Target: __p::Element,
    {
        type Binds = (
            __p::Out<'__k, ArrayViewMut2<'__k, f64>>,
            (
                __p::Out<'__k, ndarray::ArrayViewMutD<'__k, f64>>,
                (
                    __p::Out<'__k, ArrayViewMut<'__k, Pixel, D>>,
                    (__p::Out<'__k, Frame<'__k>>, ()),
                ),
            ),
        );
        fn bind(self) -> Self::Binds {
            (
                __p::Out::new(self.plane, "plane", 0usize),
                (
                    __p::Out::new(self.any, "any", 0usize),
                    (
                        __p::Out::new(self.given, "given", 0usize),
                        (__p::Out::new(self.named, "named", 0usize), ()),
                    ),
                ),
            )
        }
    }
    impl<'__k, '__i0> __p::Takes<&'__i0 f64> for see<'__k>
    where
        for<'__x> <&'__x Pixel as ::core::ops::Deref>::Target: __p::Element,
    {
        type Output = __p::Plain<()>;
        #[inline]
        fn call(
            __worker: usize,
            __index: usize,
            __item: &'__i0 f64,
            __p::Slots((plane, (any, (given, (named, ()))))): __p::Slots<'_, Self::Binds>,
        ) -> Self::Output {
            __p::Plain(see(__worker, __index, __item, plane, any, given, named))
        }
    }
};
