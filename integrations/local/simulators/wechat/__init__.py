"""A local simulator of WeChat's server API (微信小程序服务端接口) for development, demonstrations and tests.

It speaks the same wire protocol: one-time codes, errcodes in HTTP 200, JSON labelled text/plain, tokens that expire.
Simulated phones of the demonstration request their codes at `/__sim__/codes`. State is in memory.
"""
