"""Errors of the files area."""

from domain.shared.errors import Conflict, InvalidRequest, NotFound, RuleViolated, Unavailable
from domain.shared.text import Text


class FileMissing(InvalidRequest):
    code = "FILE_MISSING"
    text = Text("请选择要上传的文件", "The form has no file")


class FileKindUnknown(InvalidRequest):
    code = "FILE_KIND_UNKNOWN"
    text = Text("无效的文件类型", "No such type of file")


class FileFormatRefused(InvalidRequest):
    """The content is none of the formats that this kind allows, whatever its name says."""

    code = "FILE_FORMAT_REFUSED"
    text = Text("不支持该文件格式", "Files of this format are not accepted here")


class FileTooLarge(InvalidRequest):
    code = "FILE_TOO_LARGE"
    text = Text("文件过大", "The file is too large")


class FileDamaged(InvalidRequest):
    """The content is not what its first bytes say, or cannot be read to its end."""

    code = "FILE_DAMAGED"
    text = Text("文件已损坏或内容与格式不符", "The file is damaged, or is not what it seems to be")


class ImageRefused(InvalidRequest):
    """The image's size in pixels is outside the limits, or decoding it exceeds the limits of time or memory."""

    code = "IMAGE_REFUSED"
    text = Text("图片尺寸超出限制", "The picture's size in pixels is outside the limits")


class FileNotFound(NotFound):
    code = "FILE_NOT_FOUND"
    text = Text("文件不存在或已删除", "The file does not exist or was deleted")


class LinkInvalid(NotFound):
    """The link is forged or expired, or its reader may no longer see the file."""

    code = "FILE_LINK_INVALID"
    text = Text("链接已失效，请重新打开", "The link is no longer valid; open the file again")


class UploadNotFound(NotFound):
    code = "UPLOAD_NOT_FOUND"
    text = Text("上传任务不存在或已结束", "There is no such upload, or it has ended")


class PartRefused(InvalidRequest):
    """The upload has no part of this number, or the part has another size."""

    code = "PART_REFUSED"
    text = Text("分片序号或大小不正确", "The part's number or size is wrong")


class ChecksumWrong(InvalidRequest):
    code = "CHECKSUM_WRONG"
    text = Text("内容校验失败，请重新上传", "The content does not match its checksum; send it again")


class UploadIncomplete(RuleViolated):
    code = "UPLOAD_INCOMPLETE"
    text = Text("文件尚未全部上传", "Parts of the file are missing")


class DirectUploadUnavailable(RuleViolated):
    """The files are stored in a folder of the product, so clients must send them to the product."""

    code = "DIRECT_UPLOAD_UNAVAILABLE"
    text = Text("当前存储不支持直传", "Files cannot be sent to the storage directly here")


class TooManyFiles(RuleViolated):
    code = "TOO_MANY_FILES"
    text = Text("该记录的文件已达上限", "This record has as many files, or as much of them, as it may")


class FilesQuotaUsed(Unavailable):
    """All files together have reached `FILES_TOTAL_GB`."""

    code = "STORAGE_FULL"
    text = Text("文件存储已达上限，请联系管理员", "The storage for files is used up; tell an administrator")


class AlreadyStored(Conflict):
    """The record has a file with this content."""

    code = "FILE_ALREADY_STORED"
    text = Text("该文件已上传过", "This file has been uploaded already")


class ImagesBusy(Unavailable):
    code = "IMAGES_BUSY"
    text = Text("图片处理繁忙，请稍后再试", "Too many pictures are being processed; try again shortly")
