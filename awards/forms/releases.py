"""What is released, in which words; and what the office says to it."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from awards.models import Release
from awards.services.release_pictures import MOST_PICTURES
from awards.services.release_sources import MOST_TEXT, MOST_TITLE, Offer
from awards.services.releasing import Item
from portal.forms import ServiceForm


@dataclass(frozen=True)
class Line:
    """One offer on the page with its fields; `standing` is what of it is shown or waits already."""

    offer: Offer
    standing: Release | None
    pick: BoundField | None
    fields: list[BoundField]


class ReleaseForm(ServiceForm):
    """For each offer a tick and its words; what waits for the office already cannot be ticked."""

    most_pictures = MOST_PICTURES

    def __init__(self, *args, offers: Iterable[Offer], standing: dict[str, Release], letter: bool, **kwargs):
        super().__init__(*args, **kwargs)
        self.offers, self.standing = list(offers), standing
        for offer in self.offers:
            there = standing.get(offer.key)
            if there is None or there.approved:
                self._add(offer, there or offer)
        if letter:
            self.fields["consent"] = forms.CharField(
                label=_("企业同意公开的依据"),
                max_length=200,
                help_text=_(
                    "该企业没有账户，由本单位代办。填写企业同意函的名称和日期，例如：同意公开函，2026年6月1日。"
                ),
            )

    def _add(self, offer: Offer, said: Offer | Release) -> None:
        """With the words that are shown now, where it is shown."""
        name, area = _name(offer), forms.Textarea(attrs={"rows": 6 if len(offer.text) > 100 else 2})
        self.fields[f"pick-{name}"] = forms.BooleanField(
            label=offer.title or _("公开这张照片"), required=False
        )
        if offer.is_figure:
            return
        self.fields[f"title-{name}"] = forms.CharField(
            label=_("标题"), max_length=MOST_TITLE, required=False, initial=said.title
        )
        if offer.is_picture:
            self.fields[f"alt-{name}"] = forms.CharField(
                label=_("图片说明"),
                max_length=200,
                required=False,
                initial=getattr(said, "alt", ""),
                help_text=_("用一句话写明图中是什么，读屏软件读给看不见图的人听。"),
            )
        else:
            self.fields[f"text-{name}"] = forms.CharField(
                label=_("内容"), max_length=MOST_TEXT, required=False, initial=said.text, widget=area
            )

    @property
    def groups(self) -> list[tuple[str, list[Line]]]:
        """By kind, in the order of the exhibition."""
        lines = [self._line(offer) for offer in self.offers]
        return [(str(word), list(group)) for word, group in groupby(lines, key=lambda line: line.offer.word)]

    def _line(self, offer: Offer) -> Line:
        name = _name(offer)
        pick = self[f"pick-{name}"] if f"pick-{name}" in self.fields else None
        fields = [
            self[f"{part}-{name}"] for part in ("title", "text", "alt") if f"{part}-{name}" in self.fields
        ]
        return Line(offer, self.standing.get(offer.key), pick, fields)

    def clean(self):
        cleaned = super().clean()
        items = []
        for offer in self.offers:
            name = _name(offer)
            if not cleaned.get(f"pick-{name}"):
                continue
            if offer.is_picture and not cleaned.get(f"alt-{name}"):
                self.add_error(f"alt-{name}", _("请用一句话写明图中是什么。"))
            words = {part: cleaned.get(f"{part}-{name}", "") for part in ("title", "text", "alt")}
            items.append(Item(offer.key, **words))
        if not items and not self.errors:
            raise forms.ValidationError(_("请至少选择一项公开的内容。"))
        return {"items": items} | (
            {"consent": cleaned.get("consent", "")} if "consent" in self.fields else {}
        )


class DecideForm(ServiceForm):
    releases = forms.ModelMultipleChoiceField(
        label=_("展示内容"),
        queryset=Release.objects.none(),
        error_messages={
            "required": _("请至少选择一项。"),
            "invalid_choice": _("所选的内容有的已被撤回或者已经审核，请刷新页面后重新选择。"),
        },
    )
    decision = forms.ChoiceField(choices=[("yes", _("同意公开")), ("no", _("不同意"))])
    reason = forms.CharField(
        label=_("不同意的理由"),
        max_length=300,
        required=False,
        help_text=_("不同意时必填，企业据此修改后可以重新提交。"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args, waiting, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["releases"].queryset = waiting

    def clean(self):
        cleaned = super().clean()
        decision = cleaned.pop("decision", "")
        if decision == "no" and not cleaned.get("reason"):
            self.add_error("reason", _("请写明不同意的理由。"))
        return {**cleaned, "approve": decision == "yes"}


class WithdrawForm(ServiceForm):
    reason = forms.CharField(label=_("撤回理由"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))


def _name(offer: Offer) -> str:
    return offer.key.replace(".", "-")
