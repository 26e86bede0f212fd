"""Notices: what has just been done, said on the page that comes next. The address names one by its code."""

NOTICES = {
    "registration-stopped": "Регистрация остановлена. Мы ничего не сохранили.",
    "signed-out": "Вы вышли из личного кабинета.",
    "attempt-over": "Время на регистрацию истекло. Начните ещё раз: ничего не сохранено.",
    "consent-changed": "Текст согласия обновился. Прочитайте новый текст и решите ещё раз.",
    "card-added": "Карта добавлена.",
    "card-saved": "Изменения в карте сохранены.",
    "card-removed": "Карта удалена.",
    "card-restored": "Карта восстановлена.",
    "card-taken": "Теперь в карте данные Госуслуг.",
    "cards-joined": "Карты объединены.",
    "card-anew": "Карта создана заново по данным Госуслуг.",
    "choose-region": "Сначала выберите регион.",
}
