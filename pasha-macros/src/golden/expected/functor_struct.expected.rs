/// One item of `Shots`.
#[allow(dead_code, missing_debug_implementations)]
pub struct ShotsItem<'item>
where
    Pulses: ::pasha::__private::Functor,
{
    /// The item of `train_id`.
    pub train_id: ::pasha::__private::Item<'item, Vec<u64>>,
    /// What the camera saw.
    pub pixels: ::pasha::__private::Item<'item, ArrayView3<'item, u16>>,
    /// All of `gain`, the same with every item.
    pub gain: &'item f64,
    /// The item of `pulses`.
    pub pulses: ::pasha::__private::Item<'item, Pulses>,
}
#[allow(trivial_bounds, unused_qualifications)]
const _: () = {
    use ::pasha::__private as __p;
    #[automatically_derived]
    impl<'__item, 'a> __p::Items<'__item> for Shots<'a>
    where
        Pulses: __p::Functor,
    {
        type Item = ShotsItem<'__item>;
    }
    #[automatically_derived]
    impl<'a> __p::Functor for Shots<'a>
    where
        Pulses: __p::Functor,
    {
        type State = (
            <Vec<u64> as __p::Functor>::State,
            <Pulses as __p::Functor>::State,
        );
        fn items(&self) -> __p::Result<usize> {
            __p::agree(
                &[
                    ("train_id", __p::Functor::items(&self.train_id)?),
                    ("pixels", __p::AxisFunctor::items_along(&self.pixels, 1usize)?),
                    ("pulses", __p::Functor::items(&self.pulses)?),
                ],
            )
        }
        fn state(&self) -> __p::Result<Self::State> {
            ::core::result::Result::Ok((
                __p::Functor::state(&self.train_id)?,
                __p::Functor::state(&self.pulses)?,
            ))
        }
        #[inline]
        fn item<'__a>(
            &'__a self,
            __state: &'__a mut Self::State,
            __index: usize,
        ) -> __p::Result<__p::Item<'__a, Self>> {
            ::core::result::Result::Ok(ShotsItem {
                train_id: __p::Functor::item(&self.train_id, &mut __state.0, __index)?,
                pixels: __p::AxisFunctor::item_along(&self.pixels, 1usize, __index)?,
                gain: &self.gain,
                pulses: __p::Functor::item(&self.pulses, &mut __state.1, __index)?,
            })
        }
        #[inline]
        fn visit(
            &self,
            __state: &mut Self::State,
            __share: ::core::ops::Range<usize>,
            mut __each: impl for<'__a> ::core::ops::FnMut(
                __p::Item<'__a, Self>,
            ) -> ::core::ops::ControlFlow<()>,
        ) -> __p::Result<()> {
            let __fields = (&self.train_id, &self.pulses);
            for __index in __share {
                if __each(ShotsItem {
                        train_id: __p::Functor::item(
                            &__fields.0,
                            &mut __state.0,
                            __index,
                        )?,
                        pixels: __p::AxisFunctor::item_along(
                            &self.pixels,
                            1usize,
                            __index,
                        )?,
                        gain: &self.gain,
                        pulses: __p::Functor::item(&__fields.1, &mut __state.1, __index)?,
                    })
                    .is_break()
                {
                    break;
                }
            }
            ::core::result::Result::Ok(())
        }
        fn pack(
            &self,
            __parcel: &mut __p::Parcel<'_>,
        ) -> ::core::option::Option<__p::Packed<Self>> {
            match self {
                Self {
                    train_id: __0,
                    pixels: __1,
                    gain: __2,
                    comment: __3,
                    pulses: __4,
                } => {
                    let __sent = __p::Derived::of(self)
                        .pack(
                            __parcel,
                            (
                                __p::Part(__0),
                                (
                                    __p::PartAlong(__1),
                                    (
                                        __p::Rest("gain", __p::Way::of(__2).find(), __2),
                                        (
                                            __p::Rest("comment", __p::Way::of(__3).find(), __3),
                                            (__p::Part(__4), ()),
                                        ),
                                    ),
                                ),
                            ),
                        )?;
                    unsafe {
                        __parcel
                            .build(
                                __sent,
                                |(__0, (__1, (__2, (__3, (__4, ())))))| Self {
                                    train_id: __0,
                                    pixels: __1,
                                    gain: __2,
                                    comment: __3,
                                    pulses: __4,
                                },
                            )
                    }
                }
            }
        }
        fn pack_boxed(
            &self,
            __parcel: &mut __p::Parcel<'_>,
        ) -> ::core::option::Option<__p::Packed<::std::boxed::Box<Self>>> {
            __p::boxed(self, __parcel)
        }
    }
};
