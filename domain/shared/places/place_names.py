"""English names of the provinces and cities of `provinces.py`, in the same order."""

from domain.shared.places.provinces import CITIES_BY_PROVINCE

_CITIES_IN_ENGLISH: dict[str, tuple[str, ...]] = {
    province: tuple(cities.split(", "))
    for province, cities in {
        "Beijing": "Beijing",
        "Tianjin": "Tianjin",
        "Hebei": (
            "Shijiazhuang, Tangshan, Qinhuangdao, Handan, Xingtai, Baoding, Zhangjiakou, Chengde, Cangzhou, "
            "Langfang, Hengshui, Xiong'an"
        ),
        "Shanxi": (
            "Taiyuan, Datong, Yangquan, Changzhi, Jincheng, Shuozhou, Jinzhong, Yuncheng, Xinzhou, Linfen, Lüliang"
        ),
        "Inner Mongolia": (
            "Hohhot, Baotou, Wuhai, Chifeng, Tongliao, Ordos, Hulunbuir, Bayannur, Ulanqab, Hinggan, Xilingol, Alxa"
        ),
        "Liaoning": (
            "Shenyang, Dalian, Anshan, Fushun, Benxi, Dandong, Jinzhou, Yingkou, Fuxin, Liaoyang, Panjin, "
            "Tieling, Chaoyang, Huludao"
        ),
        "Jilin": "Changchun, Jilin, Siping, Liaoyuan, Tonghua, Baishan, Songyuan, Baicheng, Yanbian",
        "Heilongjiang": (
            "Harbin, Qiqihar, Jixi, Hegang, Shuangyashan, Daqing, Yichun, Jiamusi, Qitaihe, Mudanjiang, Heihe, "
            "Suihua, Daxing'anling"
        ),
        "Shanghai": "Shanghai",
        "Jiangsu": (
            "Nanjing, Wuxi, Xuzhou, Changzhou, Suzhou, Nantong, Lianyungang, Huai'an, Yancheng, Yangzhou, "
            "Zhenjiang, Taizhou, Suqian"
        ),
        "Zhejiang": "Hangzhou, Ningbo, Wenzhou, Jiaxing, Huzhou, Shaoxing, Jinhua, Quzhou, Zhoushan, Taizhou, Lishui",
        "Anhui": (
            "Hefei, Wuhu, Bengbu, Huainan, Ma'anshan, Huaibei, Tongling, Anqing, Huangshan, Chuzhou, Fuyang, "
            "Suzhou, Lu'an, Bozhou, Chizhou, Xuancheng"
        ),
        "Fujian": "Fuzhou, Xiamen, Putian, Sanming, Quanzhou, Zhangzhou, Nanping, Longyan, Ningde",
        "Jiangxi": (
            "Nanchang, Jingdezhen, Pingxiang, Jiujiang, Xinyu, Yingtan, Ganzhou, Ji'an, Yichun, Fuzhou, Shangrao"
        ),
        "Shandong": (
            "Jinan, Qingdao, Zibo, Zaozhuang, Dongying, Yantai, Weifang, Jining, Tai'an, Weihai, Rizhao, Laiwu, "
            "Linyi, Dezhou, Liaocheng, Binzhou, Heze"
        ),
        "Henan": (
            "Zhengzhou, Kaifeng, Luoyang, Pingdingshan, Anyang, Hebi, Xinxiang, Jiaozuo, Puyang, Xuchang, "
            "Luohe, Sanmenxia, Nanyang, Shangqiu, Xinyang, Zhoukou, Zhumadian, Jiyuan"
        ),
        "Hubei": (
            "Wuhan, Huangshi, Shiyan, Yichang, Xiangyang, Ezhou, Jingmen, Xiaogan, Jingzhou, Huanggang, "
            "Xianning, Suizhou, Enshi, Xiantao, Qianjiang, Tianmen, Shennongjia"
        ),
        "Hunan": (
            "Changsha, Zhuzhou, Xiangtan, Hengyang, Shaoyang, Yueyang, Changde, Zhangjiajie, Yiyang, Chenzhou, "
            "Yongzhou, Huaihua, Loudi, Xiangxi"
        ),
        "Guangdong": (
            "Guangzhou, Shaoguan, Shenzhen, Zhuhai, Shantou, Foshan, Jiangmen, Zhanjiang, Maoming, Zhaoqing, "
            "Huizhou, Meizhou, Shanwei, Heyuan, Yangjiang, Qingyuan, Dongguan, Zhongshan, Chaozhou, Jieyang, "
            "Yunfu"
        ),
        "Guangxi": (
            "Nanning, Liuzhou, Guilin, Wuzhou, Beihai, Fangchenggang, Qinzhou, Guigang, Yulin, Baise, Hezhou, "
            "Hechi, Laibin, Chongzuo"
        ),
        "Hainan": "Haikou, Sanya, Sansha, Danzhou",
        "Chongqing": "Chongqing",
        "Sichuan": (
            "Chengdu, Zigong, Panzhihua, Luzhou, Deyang, Mianyang, Guangyuan, Suining, Neijiang, Leshan, "
            "Nanchong, Meishan, Yibin, Guang'an, Dazhou, Ya'an, Bazhong, Ziyang, Ngawa, Garzê, Liangshan"
        ),
        "Guizhou": "Guiyang, Liupanshui, Zunyi, Anshun, Bijie, Tongren, Qianxinan, Qiandongnan, Qiannan",
        "Yunnan": (
            "Kunming, Qujing, Yuxi, Baoshan, Zhaotong, Lijiang, Pu'er, Lincang, Chuxiong, Honghe, Wenshan, "
            "Xishuangbanna, Dali, Dehong, Nujiang, Dêqên"
        ),
        "Tibet": "Lhasa, Xigazê, Qamdo, Nyingchi, Shannan, Nagqu, Ngari",
        "Shaanxi": "Xi'an, Tongchuan, Baoji, Xianyang, Weinan, Yan'an, Hanzhong, Yulin, Ankang, Shangluo",
        "Gansu": (
            "Lanzhou, Jiayuguan, Jinchang, Baiyin, Tianshui, Wuwei, Zhangye, Pingliang, Jiuquan, Qingyang, "
            "Dingxi, Longnan, Linxia, Gannan"
        ),
        "Qinghai": "Xining, Haidong, Haibei, Huangnan, Hainan, Golog, Yushu, Haixi",
        "Ningxia": "Yinchuan, Shizuishan, Wuzhong, Guyuan, Zhongwei",
        "Xinjiang": (
            "Ürümqi, Karamay, Turpan, Hami, Changji, Bortala, Bayingolin, Aksu, Kizilsu, Kashgar, Hotan, Ili, "
            "Tacheng, Altay, Shihezi, Aral, Tumxuk, Wujiaqu"
        ),
        "Taiwan": (
            "Taipei, New Taipei, Taoyuan, Taichung, Tainan, Kaohsiung, Keelung, Hsinchu, Chiayi, Hsinchu "
            "County, Miaoli, Changhua, Nantou, Yunlin, Chiayi County, Pingtung, Yilan, Hualien, Taitung, "
            "Penghu, Kinmen, Lienchiang"
        ),
        "Hong Kong": "Hong Kong",
        "Macau": "Macau",
    }.items()
}

ENGLISH_NAMES: dict[str, str] = {
    name: english
    for (province, cities), (province_in_english, cities_in_english) in zip(
        CITIES_BY_PROVINCE.items(), _CITIES_IN_ENGLISH.items(), strict=True
    )
    for name, english in zip((province, *cities), (province_in_english, *cities_in_english), strict=True)
}
"""By the Chinese short form. Places with the same Chinese name have the same English one."""
