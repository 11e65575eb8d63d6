#[allow(clippy::too_many_arguments, clippy::trivially_copy_pass_by_ref)]
/// Multiplies each value by 3.
fn triple_it(_worker_id: usize, _index: usize, value: &f64, tripled: &mut f64) {
    *tripled = 3.0 * value;
}
/// Multiplies each value by 3.
///
/// The kernel `triple_it` with what it works on: built as a literal, then mapped.
#[allow(missing_debug_implementations, non_camel_case_types, clippy::type_complexity)]
#[must_use = "a bound kernel does nothing until it is mapped"]
struct triple_it<'__k> {
    /// Where `tripled` is written: a slot for each item.
    pub tripled: &'__k mut ::pasha::__private::SharedArray<f64, ::pasha::__private::Ix1>,
}
const _: () = {
    use ::pasha::__private as __p;
    #[allow(dead_code, non_snake_case)]
    impl<'__k> triple_it<'__k> {
        /// Starts an array to bind to `tripled`, which says its element type and rank.
        fn alloc_tripled(
            ctx: &__p::Context,
            shape: impl __p::Shape<Dim = __p::Ix1>,
        ) -> __p::Builder<f64, __p::Ix1> {
            ctx.alloc().shape(shape)
        }
    }
    impl<'__k> __p::Kernel for triple_it<'__k> {
        type Binds = (__p::Out<'__k, &'__k mut f64>, ());
        fn bind(self) -> Self::Binds {
            (__p::Out::new(self.tripled, "tripled", 0usize), ())
        }
    }
    impl<'__k, '__i0> __p::Takes<&'__i0 f64> for triple_it<'__k> {
        type Output = __p::Plain<()>;
        #[inline]
        fn call(
            __worker: usize,
            __index: usize,
            __item: &'__i0 f64,
            __p::Slots((tripled, ())): __p::Slots<'_, Self::Binds>,
        ) -> Self::Output {
            __p::Plain(triple_it(__worker, __index, __item, tripled))
        }
    }
};
