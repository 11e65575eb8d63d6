#[allow(
    clippy::too_many_arguments,
    clippy::needless_pass_by_value,
    clippy::ptr_arg,
    clippy::trivially_copy_pass_by_ref
)]
fn scale(
    _worker_id: usize,
    _index: usize,
    value: &f64,
    gain: f64,
    table: &Table,
    settings: Settings,
    curve: fn(&f64) -> f64,
) -> f64 {
    gain * value
}
/// The kernel `scale` with what it works on: built as a literal, then mapped.
#[allow(missing_debug_implementations, non_camel_case_types, clippy::type_complexity)]
#[must_use = "a bound kernel does nothing until it is mapped"]
struct scale<'__k> {
    /// What the detector multiplies by.
    pub gain: f64,
    /// The `table` that every call is given.
    pub table: &'__k Table,
    /// The `settings` that every call is given.
    pub settings: Settings,
    /// The `curve` that every call is given.
    pub curve: fn(&f64) -> f64,
}
#[allow(trivial_bounds, unused_qualifications)]
const _: () = {
    use ::pasha::__private as __p;
    impl<'__k> __p::Kernel for scale<'__k>
    where
        Table: ::core::marker::Sync,
        for<'__x> <&'__x Settings as ::core::ops::Deref>::Target: __p::Given,
    {
        type Binds = (
            __p::Param<f64>,
            (
                __p::Lent<&'__k Table>,
                (__p::Param<Settings>, (__p::Param<fn(&f64) -> f64>, ())),
            ),
        );
        fn bind(self) -> Self::Binds {
            (
                __p::Param::new(self.gain),
                (
                    __p::Passage::of(&self.table).find().lent(self.table),
                    (
                        __p::Way::of(&self.settings).find().param(self.settings),
                        (__p::Way::of(&self.curve).find().param(self.curve), ()),
                    ),
                ),
            )
        }
    }
    impl<'__k, '__i0> __p::Takes<&'__i0 f64> for scale<'__k>
    where
        Table: ::core::marker::Sync,
        for<'__x> <&'__x Settings as ::core::ops::Deref>::Target: __p::Given,
    {
        type Output = __p::Plain<f64>;
        #[inline]
        fn call(
            __worker: usize,
            __index: usize,
            __item: &'__i0 f64,
            __p::Slots(
                (gain, (table, (settings, (curve, ())))),
            ): __p::Slots<'_, Self::Binds>,
        ) -> Self::Output {
            __p::Plain(scale(__worker, __index, __item, gain, table, settings, curve))
        }
    }
    fn __params_are_given() {
        fn param<T: __p::Given>() {}
        param::<Settings>();
    }
};
