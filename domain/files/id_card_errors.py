"""Errors of identity card recognition."""

from domain.shared.errors import InvalidRequest, RateLimited, RuleViolated, Unavailable
from domain.shared.text import Text


class CardPictureTooSmall(InvalidRequest):
    code = "CARD_PICTURE_TOO_SMALL"
    text = Text("图片尺寸太小，最小尺寸为300x300", "The picture is too small: 300 by 300 pixels at least")


class RecognitionQuotaUsed(RateLimited):
    code = "OCR_QUOTA_USED"
    text = Text("今日识别次数已用完", "You have used up today's recognitions")


class CardNotRead(RuleViolated):
    """Base of the errors that another picture may avoid."""

    code = "CARD_NOT_READ"
    text = Text("未能识别，请重新拍摄", "The card could not be read; take another picture")


class CardBlurred(CardNotRead):
    code = "CARD_BLURRED"
    text = Text("图片模糊，请重新拍摄", "The picture is blurred; take another one")


class NoCard(CardNotRead):
    code = "NO_CARD"
    text = Text("图片中没有身份证", "There is no identity card in the picture")


class SeveralCards(CardNotRead):
    code = "SEVERAL_CARDS"
    text = Text("图片中有多张证件", "There are several cards in the picture")


class CardImplausible(CardNotRead):
    code = "CARD_IMPLAUSIBLE"
    text = Text("证件信息不合法", "What is printed on the card is not plausible")


class WrongCardSide(CardNotRead):
    code = "WRONG_CARD_SIDE"
    text = Text("证件正反面与所选不符", "This is the other side of the card")


class CardTooSmall(CardNotRead):
    code = "CARD_TOO_SMALL"
    text = Text("证件在图片中过小，请靠近拍摄", "The card is too small in the picture; move closer")


class RecognitionBusy(Unavailable):
    code = "OCR_BUSY"
    text = Text("识别服务繁忙，请稍后再试", "The recognition service is busy; try again shortly")


class RecognitionUnavailable(Unavailable):
    """The provider is not configured or not paid for, or refuses our key: an operator must act."""

    code = "OCR_UNAVAILABLE"
    text = Text("识别服务暂不可用，请手工填写", "Recognition is not available; type the values")
